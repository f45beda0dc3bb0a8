"""Which frames of a video a role sees: how many, and where they lie.

Apart from the pixels because it needs neither frames nor a model, so that a budget can be planned
before anything is decoded.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from store.timespan import TimeSpan

FRAMES_PER_STEP = 2
"""Frames that Qwen2-VL joins into one time step; counts of frames are multiples of it."""
PIXELS_PER_TOKEN = 28 * 28
"""Pixels of a frame under one token of the language model, for each time step."""


@dataclass(frozen=True, slots=True)
class VideoSettings:
    """How densely and how sharply a role sees a video.

    Attributes:
        fps: Frames per second that are wanted.
        max_frames: The most that are taken; a longer window is seen more thinly.
        min_tokens: Of a frame, in tokens of the language model; smaller frames are scaled up.
        max_tokens: Likewise; larger frames are scaled down.
        min_frames: The fewest that are taken.

    Source:
        The per-role settings of VideoMind (arXiv 2503.13444), ``eval/infer_auto.py``.
    """

    fps: float
    max_frames: int
    min_tokens: int
    max_tokens: int
    min_frames: int = 4

    def __post_init__(self) -> None:
        if not 0 < self.fps < float("inf"):
            raise ValueError(f"fps is above 0 and finite, got {self.fps}")
        if self.min_frames < 1 or self.max_frames < FRAMES_PER_STEP:
            raise ValueError(f"min_frames is at least 1 and max_frames at least 2, got {self}")
        if not 1 <= self.min_tokens <= self.max_tokens:
            raise ValueError(f"min_tokens is between 1 and max_tokens, got {self}")

    @property
    def min_pixels(self) -> int:
        """The area below which a frame is scaled up."""
        return self.min_tokens * PIXELS_PER_TOKEN

    @property
    def max_pixels(self) -> int:
        """The area above which a frame is scaled down."""
        return self.max_tokens * PIXELS_PER_TOKEN


PLANNER_VIDEO = VideoSettings(fps=1.0, max_frames=100, min_tokens=36, max_tokens=64)
GROUNDER_VIDEO = VideoSettings(fps=1.0, max_frames=150, min_tokens=36, max_tokens=64)
VERIFIER_VIDEO = VideoSettings(fps=2.0, max_frames=64, min_tokens=36, max_tokens=64)
ANSWERER_VIDEO = VideoSettings(fps=2.0, max_frames=32, min_tokens=128, max_tokens=256)
CAPTIONER_VIDEO = VideoSettings(fps=1.0, max_frames=32, min_tokens=36, max_tokens=64)
ANSWERER_VIDEO_MME = VideoSettings(fps=2.0, max_frames=300, min_tokens=100, max_tokens=128)


def num_frames(num_source_frames: int, source_fps: float, settings: VideoSettings) -> int:
    """Count the frames that are taken from a stretch of video.

    Args:
        num_source_frames: Frames that the stretch has.
        source_fps: The video's own frames per second.
        settings: How dense.

    Returns:
        A multiple of two; halves are rounded to even, as Python does.

    Raises:
        ValueError: The stretch has fewer frames than are wanted of it.

    Source:
        ``smart_nframes`` of qwen-vl-utils as VideoMind uses it.
    """
    return checked_count(_wanted_frames(num_source_frames, source_fps, settings), num_source_frames)


def checked_count(wanted_frames: float, num_source_frames: int) -> int:
    """Round a wanted count to a multiple of two and refuse what the stretch does not have.

    Raises:
        ValueError: Fewer than 2, or more than there are.
    """
    count = _even(wanted_frames)
    if not FRAMES_PER_STEP <= count <= num_source_frames:
        raise ValueError(
            f"{count} frames of a stretch of {num_source_frames} cannot be taken; "
            "use sampled_instants, which repeats frames where there are too few"
        )
    return count


def frame_indices(
    num_source_frames: int,
    source_fps: float,
    settings: VideoSettings,
    bounds_seconds: tuple[float, float] | None = None,
) -> NDArray[np.int64]:
    """Choose frames evenly spaced over a stretch, its first and last frame included.

    Args:
        num_source_frames: Of the whole video.
        source_fps: Of the video.
        settings: How dense.
        bounds_seconds: Start and end of the stretch; ``None`` for the whole video. Frames outside
            the video are moved into it. A start behind the end is swapped, and then the fewest
            frames are taken.

    Returns:
        ``(N,)`` ascending frame numbers, from 0.

    Raises:
        ValueError: The stretch has fewer frames than are wanted of it.

    Source:
        ``dataset/utils.py`` of VideoMind. It spaces the frames in single precision, which moves a
        few of them by one; kept, so that both see the same frames.
    """
    stretch = _Stretch.of(num_source_frames, source_fps, bounds_seconds)
    return stretch.spaced(num_frames(stretch.num_frames, source_fps, settings))


def sampled_instants(
    window: TimeSpan, settings: VideoSettings, *, video_seconds: float, frame_rate: float | None
) -> tuple[float, ...]:
    """Choose the instants of a window at which a ``FrameSource`` is asked for pictures.

    Args:
        window: Part of the video.
        settings: How dense.
        video_seconds: Length of the video.
        frame_rate: Of the video; with it the frames are those of ``frame_indices``, asked for at
            the middle of the time they stand. ``None`` spaces the instants evenly.

    Returns:
        An even number of ascending seconds. Where the window has fewer frames than the settings
        ask for at least, an instant falls on the same frame as another, where the reference
        implementation refuses the video.
    """
    if frame_rate is None:
        count = _even(_clamped(window.duration_seconds * settings.fps, settings))
        spaced = np.linspace(window.start_seconds, window.end_seconds, count)
        return tuple(spaced.tolist())
    num_source_frames = max(1, round(video_seconds * frame_rate))
    stretch = _Stretch.of(num_source_frames, frame_rate, (window.start_seconds, window.end_seconds))
    count = _even(_wanted_frames(stretch.num_frames, frame_rate, settings))
    return tuple(((stretch.spaced(count) + 0.5) / frame_rate).tolist())


def seconds_per_step(window: TimeSpan, num_frames: int) -> float:
    """Tell how much of a window each time step stands for.

    Args:
        window: Part of a video.
        num_frames: That are taken from it, at least one.

    Source:
        ``second_per_grid_ts`` of Qwen2.5-VL's processor in transformers: frames are counted as if
        each stood for an equal part, though the first and the last stand at the window's ends.
    """
    return FRAMES_PER_STEP * window.duration_seconds / num_frames


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Frames ``first`` to ``last``, both included.

    Attributes:
        num_frames: What the reference takes their number to be: it is counted from the bounds in
            seconds, before they are moved into the video.
    """

    first: int
    last: int
    num_frames: int

    @classmethod
    def of(
        cls, num_source_frames: int, source_fps: float, bounds_seconds: tuple[float, float] | None
    ) -> "_Stretch":
        last = num_source_frames - 1
        if bounds_seconds is None:
            return cls(0, last, num_source_frames)
        start, end = bounds_seconds
        first_frame, last_frame = sorted(
            min(max(0, round(bound * source_fps)), last) for bound in (start, end)
        )
        counted = min(max(4, round((end - start) * source_fps)), num_source_frames)
        return cls(first_frame, last_frame, counted)

    def spaced(self, count: int) -> NDArray[np.int64]:
        """Space ``count`` frames evenly, from both ends towards the middle as torch does."""
        numbers = np.arange(count)
        step = float(np.float32((self.last - self.first) / max(1, count - 1)))
        from_first = self.first + step * numbers
        from_last = self.last - step * (count - 1 - numbers)
        spaced = np.where(numbers < count // 2, from_first, from_last).astype(np.float32)
        return np.rint(spaced).astype(np.int64)


def _wanted_frames(num_source_frames: int, source_fps: float, settings: VideoSettings) -> float:
    return _clamped(num_source_frames / source_fps * settings.fps, settings)


def _clamped(wanted_frames: float, settings: VideoSettings) -> float:
    """Keep a count between the fewest and the most, the latter winning."""
    fewest = -(-settings.min_frames // FRAMES_PER_STEP) * FRAMES_PER_STEP
    most = settings.max_frames // FRAMES_PER_STEP * FRAMES_PER_STEP
    return min(max(wanted_frames, fewest), most)


def _even(count: float) -> int:
    return round(count / FRAMES_PER_STEP) * FRAMES_PER_STEP
