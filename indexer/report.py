"""What an indexing run tells while it runs and when it ends."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from store.records import Video


class EventState(StrEnum):
    """What happened to the stage, or to the video where ``stage`` is empty."""

    STARTED = "started"
    WAITING = "waiting"
    PROGRESS = "progress"
    FINISHED = "finished"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class IndexEvent:
    """One step of progress.

    Attributes:
        stage: Empty for events of the whole video.
        done_seconds: Of video, not of wall time.
        total_seconds: ``None`` until the video was probed.
        video_number: From 1.
        message: A reason, for skipped, failed and waiting.
        queue_share: How full the queue between decoding and models is, in ``[0, 1]``; ``None``
            where there is none.
    """

    video_path: Path
    stage: str
    state: EventState
    video_number: int
    num_videos: int
    done_seconds: float = 0.0
    total_seconds: float | None = None
    message: str = ""
    queue_share: float | None = None


OnEvent = Callable[[IndexEvent], None]


class Listener(Protocol):
    """Hears how far one video is."""

    total_seconds: float | None

    def tell(
        self,
        stage: str,
        state: EventState,
        done_seconds: float = 0.0,
        message: str = "",
        queue_share: float | None = None,
    ) -> None:
        """Take one event."""


class Progress:
    """Tells one listener how far one video is."""

    def __init__(self, path: Path, number: int, num_videos: int, on_event: OnEvent | None) -> None:
        self.total_seconds: float | None = None
        self._path = path
        self._number = number
        self._num_videos = num_videos
        self._on_event = on_event

    def tell(
        self,
        stage: str,
        state: EventState,
        done_seconds: float = 0.0,
        message: str = "",
        queue_share: float | None = None,
    ) -> None:
        """Send one event."""
        if self._on_event is not None:
            self._on_event(
                IndexEvent(
                    self._path,
                    stage,
                    state,
                    self._number,
                    self._num_videos,
                    done_seconds,
                    self.total_seconds,
                    message,
                    queue_share,
                )
            )


class VideoState(StrEnum):
    """How one video ended."""

    INDEXED = "indexed"
    UNCHANGED = "unchanged"
    MOVED = "moved"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class VideoResult:
    """The outcome for one file.

    Attributes:
        seconds: Wall time.
        seconds_by_stage: Wall time of each stage that ran; decoding is counted once, as ``decode``.
        error: One line, for failed videos.
        error_type: Name of the error class.
    """

    path: Path
    video: Video | None
    state: VideoState
    seconds: float
    seconds_by_stage: dict[str, float]
    error: str = ""
    error_type: str = ""


@dataclass(frozen=True, slots=True)
class IndexReport:
    """The outcome of a run, one result for each file in the order they were taken."""

    results: tuple[VideoResult, ...]
    seconds: float

    @property
    def failed(self) -> tuple[VideoResult, ...]:
        """Files that could not be indexed."""
        return tuple(result for result in self.results if result.state is VideoState.FAILED)


class Stopwatch:
    """Adds up the wall time of stages that take turns inside one pass."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def running(self, stage: str) -> Iterator[None]:
        """Count the time inside the ``with`` block for a stage."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] += time.perf_counter() - started
