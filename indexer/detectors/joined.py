"""The detector that is used unless another is asked for: hard cuts, fades and dissolves."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from indexer.detectors.dissolves import DissolveDetector
from indexer.detectors.fades import Blank, FadeDetector
from indexer.detectors.hard_cuts import HardCutDetector
from indexer.interfaces import Cut

BESIDE_BLANK_SECONDS = 0.2  # a cut into or out of a blank belongs to it
WAY_TO_BLANK_SECONDS = 1.3  # a shot that goes into a blank is a mixture for as long
SAME_CHANGE_SECONDS = 0.6


class JoinedDetector:
    """Finds what any of its three detectors finds, each change once; fulfils ``ShotDetector``.

    Where two of them report one change, a fade is believed before a hard cut, and that before a
    dissolve.
    """

    frame_side_pixels = 96

    def __init__(self) -> None:
        self._fades = FadeDetector()
        self._hard_cuts = HardCutDetector()
        self._dissolves = DissolveDetector()

    def push(self, picture: NDArray[np.uint8], pts_seconds: float) -> None:
        """Take the next frame, ``(H, W, 3)`` RGB, in presentation order."""
        self._hard_cuts.push(picture, pts_seconds)
        self._fades.push(picture, pts_seconds)
        self._dissolves.push(picture, pts_seconds)

    def finish(self) -> list[Cut]:
        """Return all cuts in time order; called once, after the last frame."""
        cuts = self._fades.finish()
        blanks = self._fades.blanks
        cuts += _apart_from(blanks, self._hard_cuts.finish(), BESIDE_BLANK_SECONDS)
        known = [cut.seconds for cut in cuts]
        cuts += [
            cut
            for cut in _apart_from(blanks, self._dissolves.finish(), WAY_TO_BLANK_SECONDS)
            if all(abs(cut.seconds - seconds) > SAME_CHANGE_SECONDS for seconds in known)
        ]
        return sorted(cuts, key=lambda cut: cut.seconds)


def _apart_from(blanks: Iterable[Blank], cuts: Iterable[Cut], reach_seconds: float) -> list[Cut]:
    """Leave out the cuts that are on a blank or within reach of one."""
    return [
        cut
        for cut in cuts
        if all(
            not blank.start_seconds - reach_seconds
            <= cut.seconds
            <= blank.end_seconds + reach_seconds
            for blank in blanks
        )
    ]
