"""PySceneDetect's detectors fed with frames from our own decode pass."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scenedetect.common import FrameTimecode, Timecode
from scenedetect.detectors import (
    AdaptiveDetector,
    ContentDetector,
    HashDetector,
    HistogramDetector,
    ThresholdDetector,
)

from indexer.interfaces import Cut
from store.errors import UnknownNameError

TICKS_PER_SECOND = (
    90_000  # times are given to PySceneDetect in these, finer than any container's clock
)
NOMINAL_FRAME_RATE = 25.0  # it wants one; with presentation times given it decides nothing here
SHORTEST_SHOT_SECONDS = 0.4
# Hue and saturation are mostly noise where a picture is dark or grey, and jump at every key frame
# of a sparing encoder: with PySceneDetect's equal weights a starry sky is cut every two seconds.
WEIGHTS = ContentDetector.Components(delta_hue=0.2, delta_sat=0.5, delta_lum=1.0, delta_edges=0.0)

METHODS: Mapping[str, Callable[[], Any]] = {
    "content": lambda: ContentDetector(min_scene_len=SHORTEST_SHOT_SECONDS),
    "adaptive": lambda: AdaptiveDetector(min_scene_len=SHORTEST_SHOT_SECONDS, weights=WEIGHTS),
    "adaptive-as-published": lambda: AdaptiveDetector(min_scene_len=SHORTEST_SHOT_SECONDS),
    "threshold": lambda: ThresholdDetector(min_scene_len=SHORTEST_SHOT_SECONDS),
    "hash": lambda: HashDetector(min_scene_len=SHORTEST_SHOT_SECONDS),
    "histogram": lambda: HistogramDetector(min_scene_len=SHORTEST_SHOT_SECONDS),
}


class PySceneDetectDetector:
    """Finds hard cuts with one of PySceneDetect's methods; fulfils ``ShotDetector``.

    Args:
        method: One of ``METHODS``.

    Raises:
        UnknownNameError: No such method.

    Source:
        Castellano, PySceneDetect 0.7, https://scenedetect.com; it states no confidence, so every
        cut has 1.
    """

    frame_side_pixels = 96

    def __init__(self, method: str = "adaptive") -> None:
        if method not in METHODS:
            raise UnknownNameError(
                f"no shot detection method {method!r}; choose one of {', '.join(METHODS)}"
            )
        self._detector = METHODS[method]()
        self._cuts: list[Cut] = []
        self._last: FrameTimecode | None = None

    def push(self, picture: NDArray[np.uint8], pts_seconds: float) -> None:
        """Take the next frame, ``(H, W, 3)`` RGB, in presentation order."""
        ticks = Timecode(round(pts_seconds * TICKS_PER_SECOND), Fraction(1, TICKS_PER_SECOND))
        self._last = FrameTimecode(ticks, fps=NOMINAL_FRAME_RATE)
        blue_first = np.ascontiguousarray(picture[:, :, ::-1])
        self._keep(self._detector.process_frame(self._last, blue_first))

    def finish(self) -> list[Cut]:
        """Return all cuts in time order; called once, after the last frame."""
        if self._last is not None:
            self._keep(self._detector.post_process(self._last))
        return self._cuts

    def _keep(self, found: list[FrameTimecode]) -> None:
        self._cuts += [Cut(timecode.seconds, 1.0) for timecode in found]
