"""Dissolves and fades, by what they are: for a while, the picture is a mixture of two others."""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.frames import cell_means
from indexer.interfaces import Cut

SAMPLES_PER_SECOND = 10.0
SPANS_SECONDS = (0.6, 1.0, 1.5, 2.2)
LEAST_UNLIKENESS = 0.35  # share of the two pictures' detail that they do not have in common
LEAST_DISTANCE_LEVELS = 14.0  # root mean square, of 255
MOST_RESIDUAL = 0.3
MOST_JUMP = (
    0.55  # of the way from one picture to the other between two samples; a hard cut jumps all of it
)
EVEN_MIXTURE = (0.25, 0.75)
LEAST_CONFIDENCE = (
    0.45  # on joined footage dissolves score 0.55 and more, camera moves 0.42 and less
)
BACKWARD = -0.05
APART_SECONDS = 1.2
LEAST_SAMPLES = 5
LATE_SECONDS = 0.15  # a run whose first sample comes later than this is shorter than it should be


@dataclass(frozen=True, slots=True)
class _Sample:
    pts_seconds: float
    pixels: NDArray[np.float32]


class DissolveDetector:
    """Finds dissolves and fades, and no hard cuts; fulfils ``ShotDetector``.

    For a stretch of 0.6 to 2.2 seconds, the pictures between its first and last are compared with
    mixtures of the two. In a dissolve they are such mixtures, their shares grow steadily, and the
    two ends have little in common. A moving camera fails the first test, a hard cut the second, a
    slow change of light the third.

    Memory: 2.3 seconds of pictures of 32 x 18 pixels.

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
        self._samples.append(_Sample(pts_seconds, cell_means(picture).ravel()))
        while pts_seconds - self._samples[0].pts_seconds > SPANS_SECONDS[-1] + 1e-3:
            self._samples.popleft()
        for span_seconds in SPANS_SECONDS:
            cut = self._judge(pts_seconds - span_seconds - 1e-3)
            if cut is not None:
                self._add(cut)

    def finish(self) -> list[Cut]:
        """Return all cuts in time order; called once, after the last frame."""
        return self._found

    def _judge(self, start_seconds: float) -> Cut | None:
        """Say whether the samples since an instant are a dissolve."""
        run = [sample for sample in self._samples if sample.pts_seconds >= start_seconds]
        if len(run) < LEAST_SAMPLES or run[0].pts_seconds > start_seconds + LATE_SECONDS:
            return None
        first, last = run[0].pixels, run[-1].pixels
        way = last - first
        distance = float(way @ way)
        unlikeness = _unlikeness(first, last)
        if distance < LEAST_DISTANCE_LEVELS**2 * way.size or unlikeness < LEAST_UNLIKENESS:
            return None
        offsets = np.stack([sample.pixels for sample in run]) - first
        shares = (offsets @ way / distance).astype(np.float32)
        middle = int(np.abs(shares - 0.5).argmin())
        if not _grows_steadily(shares, middle):
            return None
        stray = offsets - shares[:, None] * way
        residual = float(np.sqrt((stray * stray).sum(axis=1).max() / distance))
        confidence = min(1.0, unlikeness) * (1 - residual)
        if residual > MOST_RESIDUAL or confidence < LEAST_CONFIDENCE:
            return None
        return Cut(run[middle].pts_seconds, confidence)

    def _add(self, cut: Cut) -> None:
        """Keep the surest of detections that belong to one dissolve."""
        if self._found and abs(cut.seconds - self._found[-1].seconds) < APART_SECONDS:
            if cut.confidence > self._found[-1].confidence:
                self._found[-1] = cut
        else:
            self._found.append(cut)


def _grows_steadily(shares: NDArray[np.float32], middle: int) -> bool:
    """Say whether the second picture's share grows without a jump and passes through a half."""
    steps = np.diff(shares)
    is_steady = steps.max() <= MOST_JUMP and steps.min() >= BACKWARD
    return bool(is_steady and EVEN_MIXTURE[0] < shares[middle] < EVEN_MIXTURE[1])


def _unlikeness(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Divide what differs between pictures by their detail: 0 alike, 1 unrelated, 2 opposite."""
    detail = float(first.var() + second.var())
    difference = first - second
    return float(difference.var()) / detail if detail > 1 else 1.0
