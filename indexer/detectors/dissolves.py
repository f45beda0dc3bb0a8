"""Dissolves, by what they are: for a while, the picture is a mixture of two others."""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.detectors.picture_likeness import Cells, picture_likeness, shrink
from indexer.interfaces import Cut

# Tuned on the development half of the composed films, `benchmarks/shots`; the least confidence
# was read off the sample film, so the figure there is not independent of it.
SAMPLES_PER_SECOND = 10.0
SPANS_SECONDS = (0.5, 0.8, 1.2, 1.7, 2.3)
LEAST_DISTANCE_LEVELS = 5.0  # root mean square, of 255
LEAST_DETAIL_LEVELS = 2.0
MOST_LIKENESS = 0.7
MOST_RESIDUAL = 0.38
LIGHT_SHARE = 0.4  # of the way that more or less light leaves unexplained, where it is only light
SHIFT_CELLS = 2
LEAST_CONFIDENCE = 0.55  # slow moves along what has little detail score up to 0.53
MOST_JUMP = 0.5  # of the way between two samples; a hard cut jumps all of it
MOST_BACKWARD = 0.08
EVEN_MIXTURE = (0.2, 0.8)
APART_SECONDS = 1.4
LEAST_SAMPLES = 5
LATE_SECONDS = 0.15  # a run whose first sample comes later than this is shorter than it should be


@dataclass(frozen=True, slots=True)
class _Sample:
    pts_seconds: float
    cells: Cells


class DissolveDetector:
    """Finds dissolves, and no hard cuts; fulfils ``ShotDetector``.

    For a stretch of 0.5 to 2.3 seconds, the pictures between its first and last are compared with
    mixtures of the two. In a dissolve they are such mixtures, their shares grow steadily, and the
    two ends have little in common. A moving camera fails the first test, a hard cut the second, a
    slow change of light the third.

    Memory: 2.4 seconds of pictures of 32 x 18 cells.

    Source:
        The mixture model of Alattar, "Detecting and compressing dissolve regions in video sequences
        with a DVI multimedia image compression algorithm", ISCAS 1993, tested here on the pixels,
        not on their variance.
    """

    frame_side_pixels = 96

    def __init__(self) -> None:
        self._samples: deque[_Sample] = deque()
        self._next_seconds = 0.0
        self._found: list[Cut] = []

    def push(self, picture: NDArray[np.uint8], pts_seconds: float) -> None:
        """Take the next frame, ``(H, W, 3)`` RGB, in presentation order."""
        if self._samples and pts_seconds < self._next_seconds:
            return
        self._next_seconds = pts_seconds + 1 / SAMPLES_PER_SECOND - 1e-3
        self._samples.append(_Sample(pts_seconds, shrink(picture)))
        while pts_seconds - self._samples[0].pts_seconds > SPANS_SECONDS[-1] + 1e-3:
            self._samples.popleft()
        samples = list(self._samples)
        for first in self._firsts(samples):
            cut = _judge(samples[first:])
            if cut is not None:
                self._add(cut)

    def finish(self) -> list[Cut]:
        """Return all cuts in time order; called once, after the last frame."""
        return sorted(self._found, key=lambda cut: cut.seconds)

    def _firsts(self, samples: list[_Sample]) -> list[int]:
        """Return where in the samples each of the spans that end now begins."""
        end_seconds = samples[-1].pts_seconds
        firsts = []
        first = len(samples) - 1
        for span_seconds in SPANS_SECONDS:
            start_seconds = end_seconds - span_seconds - 1e-3
            while first > 0 and samples[first - 1].pts_seconds >= start_seconds:
                first -= 1
            is_whole = samples[first].pts_seconds <= start_seconds + LATE_SECONDS
            if is_whole and len(samples) - first >= LEAST_SAMPLES:
                firsts.append(first)
        return firsts

    def _add(self, cut: Cut) -> None:
        """Keep the surest of detections that belong to one dissolve."""
        rivals = [
            known for known in self._found if abs(cut.seconds - known.seconds) < APART_SECONDS
        ]
        if all(cut.confidence > known.confidence for known in rivals):
            self._found = [known for known in self._found if known not in rivals] + [cut]


def _judge(run: list[_Sample]) -> Cut | None:
    """Say whether samples are a dissolve from the first to the last of them."""
    first = run[0].cells.ravel()
    way = run[-1].cells.ravel() - first
    distance = float(way @ way)
    if distance < LEAST_DISTANCE_LEVELS**2 * way.size:
        return None
    offsets = np.stack([sample.cells.ravel() for sample in run]) - first
    shares = np.asarray(offsets @ way / distance, np.float32)
    middle = int(np.abs(shares - 0.5).argmin())
    if not _grows_steadily(shares, middle):
        return None
    # Of a right-angled triangle: what is not on the way from the first to the last.
    strays = np.einsum("nd,nd->n", offsets, offsets) / distance - shares * shares
    residual = float(np.sqrt(max(0.0, float(strays.max()))))
    if residual > MOST_RESIDUAL:
        return None
    if min(first.std(), run[-1].cells.std()) < LEAST_DETAIL_LEVELS:
        return None  # out of black or into it, at the beginning or the end of a film
    if _is_change_of_light(first, first + way, distance):
        return None
    alike = picture_likeness(run[0].cells, run[-1].cells, step=SHIFT_CELLS)
    if alike > MOST_LIKENESS:
        return None
    confidence = (1 - residual) * min(1.0, 1 - alike / 2)
    return Cut(run[middle].pts_seconds, confidence) if confidence >= LEAST_CONFIDENCE else None


def _grows_steadily(shares: NDArray[np.float32], middle: int) -> bool:
    """Say whether the second picture's share grows without a jump and passes through a half."""
    steps = np.diff(shares)
    is_steady = steps.max() <= MOST_JUMP and steps.min() >= -MOST_BACKWARD
    return bool(is_steady and EVEN_MIXTURE[0] < shares[middle] < EVEN_MIXTURE[1])


def _is_change_of_light(
    first: NDArray[np.float32], last: NDArray[np.float32], distance: float
) -> bool:
    """Say whether the last picture is little but the first one brighter or darker."""
    gain = float(first @ last) / max(1.0, float(first @ first))
    left = last - gain * first
    return float(left @ left) < LIGHT_SHARE**2 * distance
