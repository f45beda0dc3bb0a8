"""Which frames are looked at, and which of those are kept.

Three sieves, each cheaper than what it saves. The schedule asks for one frame a second and one soon
after every jump of the picture; the pixel gate drops what looks like the last frame that passed;
the feature chain drops what the backbone sees no difference in. What is dropped lengthens the stay
of the frame it resembles, so a static shot costs one look and is covered all the same.
"""

from bisect import bisect_right, insort
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from store.timespan import TimeSpan

GRID_ROWS = 18
GRID_COLUMNS = 32


@dataclass(frozen=True, slots=True)
class FrameOptions:
    """How often to look and what counts as new.

    Attributes:
        interval_seconds: Time between two looks at an undisturbed picture.
        settle_seconds: How long after a jump the new picture is looked at.
        shortest_gap_seconds: Time between two looks at the least.
        jump_levels: Mean change between two frames, of 255 levels, that is a jump.
        changed_levels: A cell of the picture has changed by more than this many levels.
        changed_share: Share of changed cells that lets a frame pass the pixel gate.
        alike_quantile: A frame is redundant when its features are at least as close to those of the
            last kept frame as this share of the neighbouring frames so far were to each other.
        least_alike_cosine: What is less close is never redundant, however busy the video.
        most_alike_cosine: What is closer is always redundant, however still the video.
        first_alike_cosine: Counts for the first frames, of which nothing is known yet.
        learnt_frames: After so many, only the video's own frames count.
        remembered_frames: The latest that count: a film's parts differ in pace.
        longest_gap_seconds: A frame that passed the gate is kept after so long, however alike.
    """

    interval_seconds: float = 1.0
    settle_seconds: float = 0.2
    shortest_gap_seconds: float = 0.5
    jump_levels: float = 20.0
    changed_levels: float = 10.0
    changed_share: float = 0.02
    alike_quantile: float = 0.5
    least_alike_cosine: float = 0.6
    most_alike_cosine: float = 0.95
    first_alike_cosine: float = 0.85
    learnt_frames: int = 20
    remembered_frames: int = 300
    longest_gap_seconds: float = 10.0

    def __post_init__(self) -> None:
        if not 0 < self.settle_seconds < self.interval_seconds:
            raise ValueError("a jump settles in less than the interval between two looks")
        if not 0 <= self.changed_share < 1:
            raise ValueError(f"changed_share is a share in [0, 1), got {self.changed_share}")
        if not 0 <= self.alike_quantile <= 1:
            raise ValueError(f"alike_quantile is a share in [0, 1], got {self.alike_quantile}")
        if not self.least_alike_cosine <= self.most_alike_cosine:
            raise ValueError("least_alike_cosine is at most most_alike_cosine")
        if not 0 < self.learnt_frames <= self.remembered_frames:
            raise ValueError("learnt_frames are some of the remembered_frames")


@dataclass(frozen=True, slots=True)
class FrameStay:
    """A frame and how long the picture stayed like it.

    Attributes:
        pts_seconds: Of the frame.
        same_until_seconds: The last look that still showed the same.
    """

    pts_seconds: float
    same_until_seconds: float


class FrameChooser:
    """Decides in the decode loop which frames to convert and look at.

    Memory: a thumbnail, a grid of cell means, and one ``FrameStay`` per frame that passed.

    Attributes:
        looks: Frames that the schedule asked for; ``len(stays)`` of them passed the gate.
    """

    STRIDE = 3  # pixels; jumps are as plain in every third one

    def __init__(self, options: FrameOptions = FrameOptions()) -> None:
        self._options = options
        self._previous: NDArray[np.int16] | None = None
        self._passed: NDArray[np.float32] | None = None
        self._next_look_seconds = 0.0
        self._last_look_seconds = 0.0
        self._stays: list[FrameStay] = []
        self.looks = 0

    @property
    def stays(self) -> tuple[FrameStay, ...]:
        """The frames that passed so far, in time order."""
        return tuple(self._stays)

    def wants(self, small_picture: NDArray[np.uint8], pts_seconds: float) -> bool:
        """Say whether this frame should be looked at; called for every frame, in order.

        Args:
            small_picture: ``(H, W, 3)``, the one that the shot detector gets; only this is touched.
            pts_seconds: Its presentation time.
        """
        self._notice_jump(
            small_picture[:: self.STRIDE, :: self.STRIDE].astype(np.int16), pts_seconds
        )
        if pts_seconds < self._next_look_seconds:
            return False
        self.looks += 1
        self._last_look_seconds = pts_seconds
        grid = cell_means(small_picture)
        self._next_look_seconds = pts_seconds + self._options.interval_seconds
        if self._passed is not None and not self._has_changed(grid, self._passed):
            self._stays[-1] = FrameStay(self._stays[-1].pts_seconds, pts_seconds)
            return False
        self._passed = grid
        self._stays.append(FrameStay(pts_seconds, pts_seconds))
        return True

    def _notice_jump(self, pixels: NDArray[np.int16], pts_seconds: float) -> None:
        previous, self._previous = self._previous, pixels
        if previous is None or previous.shape != pixels.shape:
            self._next_look_seconds = pts_seconds
        elif float(np.abs(pixels - previous).mean()) > self._options.jump_levels:
            # Never later than the next regular look, never soon after the last: a strobe jumps all
            # the time.
            soon = max(
                pts_seconds + self._options.settle_seconds,
                self._last_look_seconds + self._options.shortest_gap_seconds,
            )
            self._next_look_seconds = min(self._next_look_seconds, soon)

    def _has_changed(self, grid: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
        changed = np.abs(grid - other).max(axis=2) > self._options.changed_levels
        return float(changed.mean()) > self._options.changed_share


def cell_means(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Average a picture over a grid of cells: ``(H, W, 3)`` to ``(18, 32, 3)``.

    Pixels of a side shorter than the grid are repeated.
    """
    height, width = picture.shape[:2]
    rows = np.arange(GRID_ROWS) * height // GRID_ROWS
    columns = np.arange(GRID_COLUMNS) * width // GRID_COLUMNS
    summed = np.add.reduceat(picture, rows, axis=0, dtype=np.float32)
    summed = np.add.reduceat(summed, columns, axis=1)
    heights = np.maximum(np.diff(np.append(rows, height)), 1)
    widths = np.maximum(np.diff(np.append(columns, width)), 1)
    pixels = np.multiply.outer(heights, widths).astype(np.float32)
    means: NDArray[np.float32] = np.divide(summed, pixels[:, :, None], dtype=np.float32)
    return means


class FeatureChain:
    """Keeps a frame when it differs from the last kept one, or when that one is too long ago.

    What differs is measured by the video itself: where neighbouring frames are much alike a small
    difference counts, where they are not it takes a large one. Frames are judged as they come, and
    memory holds one frame's features and a few hundred numbers.

    Source:
        The greedy chain proposed for redundancy removal over LongVU's windows (Shen et al.,
        arXiv:2410.17434): unlike a window's average similarity it works across cuts and bounds the
        gap. LongVU's threshold is fixed; ours follows the median similarity of neighbours.
    """

    def __init__(self, options: FrameOptions = FrameOptions()) -> None:
        self._options = options
        self._kept: NDArray[np.float32] | None = None
        self._kept_seconds = 0.0
        self._before: NDArray[np.float32] | None = None
        # The first ones are made up; each similarity that comes in takes the place of one.
        self._recent = deque([options.first_alike_cosine] * options.learnt_frames)
        self._sorted = list(self._recent)
        self.seen_frames = 0
        self.kept_frames = 0

    @property
    def alike_cosine(self) -> float:
        """The similarity from which on the next frame is redundant."""
        place = round(self._options.alike_quantile * (len(self._sorted) - 1))
        options = self._options
        return min(options.most_alike_cosine, max(options.least_alike_cosine, self._sorted[place]))

    @property
    def kept_ratio(self) -> float:
        """Kept frames among those seen; 0 before the first."""
        return self.kept_frames / self.seen_frames if self.seen_frames else 0.0

    def keep(self, features: NDArray[np.float32], pts_seconds: Sequence[float]) -> list[bool]:
        """Judge the next ``N`` frames; how they are divided into calls makes no difference.

        Args:
            features: ``(N, D)`` of unit L2 norm, in time order.
            pts_seconds: ``N`` presentation times.
        """
        return [
            self._keeps(row, seconds) for row, seconds in zip(features, pts_seconds, strict=True)
        ]

    def _keeps(self, row: NDArray[np.float32], seconds: float) -> bool:
        self._learn(row)
        self.seen_frames += 1
        is_alike = self._kept is not None and float(row @ self._kept) >= self.alike_cosine
        if is_alike and seconds - self._kept_seconds < self._options.longest_gap_seconds:
            return False
        self._kept, self._kept_seconds = row.copy(), seconds
        self.kept_frames += 1
        return True

    def _learn(self, row: NDArray[np.float32]) -> None:
        before, self._before = self._before, row.copy()
        if before is None:
            return
        similarity = float(row @ before)
        is_learning = self.seen_frames <= self._options.learnt_frames
        if is_learning or len(self._recent) == self._options.remembered_frames:
            self._sorted.remove(self._recent.popleft())
        self._recent.append(similarity)
        insort(self._sorted, similarity)


def stay_spans(
    pts_seconds: Sequence[float], cuts_seconds: Iterable[float], duration_seconds: float
) -> list[TimeSpan]:
    """Give every kept frame the time it stands for; together the spans tile the video.

    A frame stands for what follows until the next kept frame, and the first one of a shot for the
    shot from its cut on. A shot of which no frame was kept looked like the frame before it.

    Args:
        pts_seconds: Of the kept frames, in time order.
        cuts_seconds: Of the shots.
        duration_seconds: Of the video.

    Example:
        >>> stay_spans([0.0, 3.0, 5.2], [5.0], 9.0)[1]
        TimeSpan(start_seconds=3.0, end_seconds=5.0)
    """
    cuts = sorted(cuts_seconds)
    starts: list[float] = []
    for index, seconds in enumerate(pts_seconds):
        place = bisect_right(cuts, seconds)
        shot_start = cuts[place - 1] if place else 0.0
        is_first = index == 0 or pts_seconds[index - 1] < shot_start
        starts.append(shot_start if is_first else seconds)
    starts[:1] = [0.0] * len(starts[:1])
    ends = [*starts[1:], duration_seconds]
    return [
        TimeSpan(start, max(start, end))
        for start, end in zip(starts, ends[: len(starts)], strict=True)
    ]
