"""Fades through black, white or any other blank picture."""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.detectors.picture_likeness import Cells, picture_likeness, shrink
from indexer.interfaces import Cut

# Tuned on the development half of the composed films, `benchmarks/shots`.
SAMPLES_PER_SECOND = 12.5
BLANK_SHARE = 0.12  # of the detail that the picture had before
BLANK_LEVELS = 1.0  # of 255: a picture of less detail is blank, whatever was before
LEAST_DETAIL_LEVELS = 3.0  # before a blank there was a picture only if it had as much
BEFORE_SECONDS = 1.2  # how far back the picture before a blank is looked for
SETTLE_SECONDS = 0.6  # for how long after a blank the pictures after it are looked at
SHOWN_SHARE = 0.6  # of its most detail, from which on a picture counts as shown
MOST_LIKENESS = 0.8
LONG_SECONDS = 0.8  # a blank of this length parts two shots even of the same view


@dataclass(frozen=True, slots=True)
class Blank:
    """A stretch without a picture, between two that differ."""

    start_seconds: float
    end_seconds: float
    confidence: float

    @property
    def middle_seconds(self) -> float:
        """Where the cut is placed."""
        return (self.start_seconds + self.end_seconds) / 2


@dataclass(frozen=True, slots=True)
class _Sample:
    pts_seconds: float
    cells: Cells
    detail: float


class FadeDetector:
    """Finds blanks between two shots: one cut each; fulfils ``ShotDetector``.

    A photographer's flash and a lamp that goes out are blanks too, but the same picture follows.

    Memory: 1.2 seconds of pictures of 32 x 18 cells.

    Attributes:
        blanks: Those found so far, in time order.
    """

    frame_side_pixels = 96

    def __init__(self) -> None:
        self.blanks: list[Blank] = []
        self._shown: deque[_Sample] = deque()
        self._next_seconds: float | None = None
        self._before: _Sample | None = None
        self._blank_seconds: tuple[float, float] | None = None

    def push(self, picture: NDArray[np.uint8], pts_seconds: float) -> None:
        """Take the next frame, ``(H, W, 3)`` RGB, in presentation order."""
        if self._next_seconds is not None and pts_seconds < self._next_seconds:
            return
        self._next_seconds = pts_seconds + 1 / SAMPLES_PER_SECOND - 1e-3
        cells = shrink(picture)
        sample = _Sample(pts_seconds, cells, detail(cells))
        if self._is_blank(sample):
            self._go_blank(sample)
            return
        if self._blank_seconds and pts_seconds > self._blank_seconds[1] + SETTLE_SECONDS:
            self._close()
        self._shown.append(sample)
        while pts_seconds - self._shown[0].pts_seconds > BEFORE_SECONDS:
            self._shown.popleft()

    def finish(self) -> list[Cut]:
        """Return all cuts in time order; called once, after the last frame."""
        self._close()
        return [Cut(blank.middle_seconds, blank.confidence) for blank in self.blanks]

    def _is_blank(self, sample: _Sample) -> bool:
        most = max((shown.detail for shown in self._shown), default=0.0)
        return sample.detail < max(BLANK_LEVELS, BLANK_SHARE * most)

    def _go_blank(self, sample: _Sample) -> None:
        """Begin a blank, or prolong the one that is on."""
        if self._blank_seconds is not None:
            self._blank_seconds = (self._blank_seconds[0], sample.pts_seconds)
            return
        most = max((shown.detail for shown in self._shown), default=0.0)
        full = [shown for shown in self._shown if shown.detail >= SHOWN_SHARE * most]
        if most >= LEAST_DETAIL_LEVELS:
            self._before = full[-1]
            self._blank_seconds = (sample.pts_seconds, sample.pts_seconds)

    def _close(self) -> None:
        """Decide about the blank from the picture before it and those after it."""
        before, blank_seconds = self._before, self._blank_seconds
        self._before = self._blank_seconds = None
        if before is None or blank_seconds is None:
            return
        start, end = blank_seconds
        after = [shown for shown in self._shown if shown.pts_seconds > end]
        if not after:
            return
        alike = max(picture_likeness(before.cells, shown.cells, step=1) for shown in after)
        if alike < MOST_LIKENESS or end - start > LONG_SECONDS:
            self.blanks.append(Blank(start, end, min(1.0, max(0.5, 1 - alike))))


def detail(cells: Cells) -> float:
    """Return how much the cells of a picture differ, in levels of 255; 0 for a blank one."""
    return float(np.sqrt(cells.reshape(-1, 3).var(axis=0).mean()))
