"""Hard cuts, by what they are: what is on either side of one never looks alike."""

from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from indexer.detectors.picture_likeness import Cells, picture_likeness, shrink
from indexer.interfaces import Cut

# Tuned on the development half of the composed films, `benchmarks/shots`.
LEAST_INTERVAL_SECONDS = 1 / 32  # of faster videos, every second frame is looked at
BEFORE_FRAMES, AFTER_FRAMES = 4, 5
LEAST_STEP_LEVELS = 1.0  # mean change of a cell from one frame to the next, of 255
LEAST_RATIO = 3.5  # of the step to those around it; a strobe and a whip pan step all the time
QUIET_LEVELS = 0.2
MOST_LIKENESS = 0.75
PAIRS_BEFORE, PAIRS_AFTER = (1, 2, 4), (0, 1, 3, 5)
SHIFT_CELLS = 2
APART_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class _Seen:
    """A frame and how far it is from the one before, in mean levels of a cell."""

    pts_seconds: float
    cells: Cells
    step: float


class HardCutDetector:
    """Finds hard cuts only; fulfils ``ShotDetector``.

    A step between two frames that stands out among its neighbours may be a cut. It is none when a
    picture from before it comes back after it, as after a flash, nor when the two frames are one
    picture moved.

    Memory: ten pictures of 32 x 18 cells.
    """

    frame_side_pixels = 96

    def __init__(self) -> None:
        self._window: list[_Seen] = []
        self._cuts: list[Cut] = []
        self._last_step = 0.0

    def push(self, picture: NDArray[np.uint8], pts_seconds: float) -> None:
        """Take the next frame, ``(H, W, 3)`` RGB, in presentation order."""
        last = self._window[-1] if self._window else None
        if last and pts_seconds < last.pts_seconds + LEAST_INTERVAL_SECONDS:
            return
        cells = shrink(picture)
        step = float(np.abs(cells - last.cells).mean()) if last else 0.0
        self._window.append(_Seen(pts_seconds, cells, step))
        if len(self._window) > AFTER_FRAMES:
            self._judge(len(self._window) - 1 - AFTER_FRAMES)
        if len(self._window) > BEFORE_FRAMES + AFTER_FRAMES:
            del self._window[0]

    def finish(self) -> list[Cut]:
        """Return all cuts in time order; called once, after the last frame."""
        for place in range(max(0, len(self._window) - AFTER_FRAMES), len(self._window)):
            self._judge(place)
        return self._cuts

    def _judge(self, place: int) -> None:
        """Keep the frame at a place of the window as a cut, if it is one."""
        step = self._window[place].step
        if step < LEAST_STEP_LEVELS:
            return
        start = max(0, place - BEFORE_FRAMES)
        around = [seen.step for seen in self._window[start : place + BEFORE_FRAMES + 1]]
        if step < LEAST_RATIO * (median(around) + QUIET_LEVELS):
            return
        confidence = 1 - self._closest_across(place)
        if confidence > 1 - MOST_LIKENESS:
            self._add(Cut(self._window[place].pts_seconds, min(1.0, confidence)), step)

    def _add(self, cut: Cut, step: float) -> None:
        """Keep the longest of steps that follow each other closely."""
        if self._cuts and cut.seconds - self._cuts[-1].seconds < APART_SECONDS:
            if step > self._last_step:
                self._cuts[-1], self._last_step = cut, step
            return
        self._cuts.append(cut)
        self._last_step = step

    def _closest_across(self, place: int) -> float:
        """Return the likeness of the two pictures across a step that are most alike."""
        before = [self._window[place - back].cells for back in PAIRS_BEFORE if place >= back]
        after = [
            self._window[place + on].cells for on in PAIRS_AFTER if place + on < len(self._window)
        ]
        closest = picture_likeness(before[0], after[0], step=SHIFT_CELLS)
        return max(closest, *(picture_likeness(one, other) for one in before for other in after))
