"""The indexer: files in, one finished video after another out into the library."""

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from indexer.discovery import discover
from indexer.identity import content_id, file_digest
from indexer.models import IndexerModels
from indexer.options import IndexOptions
from indexer.report import (
    EventState,
    IndexEvent,
    IndexReport,
    OnEvent,
    VideoResult,
    VideoState,
)
from indexer.sidecars import find_sidecars
from indexer.stages import stage_keys
from indexer.video import VideoIndexing
from store.errors import CinedexError, MediaError
from store.library import Library
from store.records import Video

log = logging.getLogger(__name__)


class Indexer:
    """Indexes videos into one library.

    Args:
        library: Where finished videos are published, each in one transaction.
        models: Loaded when the first video needs them.
        options: What to do.
    """

    def __init__(self, library: Library, models: IndexerModels, options: IndexOptions) -> None:
        self._library = library
        self._models = models
        self._options = options

    def index(
        self,
        paths: Sequence[Path],
        *,
        recursive: bool = False,
        force: bool = False,
        on_event: OnEvent | None = None,
    ) -> IndexReport:
        """Index files one after another; one that fails does not stop the others.

        An interruption (Ctrl-C) leaves the library as if the running video had not been started.

        Args:
            paths: Media files and folders; one that is missing or holds no video is a failure too.
            recursive: Look into folders of folders.
            force: Index again what is up to date.
            on_event: Told of every step.

        Raises:
            LibraryError: The library cannot be written; the run ends.
            WeightsError: A model is missing; the run ends.
        """
        started = time.perf_counter()
        videos, problems = discover(paths, recursive)
        results = [_failure(path, error) for path, error in problems]
        for number, path in enumerate(videos, start=1):
            progress = Progress(path, number, len(videos), on_event)
            results.append(self._index_one(path, force, progress))
        return IndexReport(tuple(results), time.perf_counter() - started)

    def _index_one(self, path: Path, force: bool, progress: "Progress") -> VideoResult:
        started = time.perf_counter()
        progress.tell("", EventState.STARTED)
        try:
            result = self._bring_up_to_date(path, force, progress)
        except MediaError as error:
            result = _failure(path, error)
        except CinedexError:
            raise
        except Exception as error:
            # A fault of ours in one video must not cost the night's run over the others.
            log.exception("indexing %s failed", path)
            result = _failure(path, error)
        result = replace(result, seconds=time.perf_counter() - started)
        state = EventState.FAILED if result.state is VideoState.FAILED else EventState.FINISHED
        progress.tell("", state, message=result.error)
        return result

    def _bring_up_to_date(self, path: Path, force: bool, progress: "Progress") -> VideoResult:
        video_id = content_id(path)
        keys = stage_keys(
            video_id, self._options, self._models.ids_by_stage(), _sidecar_digests(path)
        )
        if not force and self._library.stage_keys(video_id) == keys:
            return self._recognised(video_id, path)
        indexing = VideoIndexing(path, video_id, self._models, self._options, progress)
        indexed = indexing.run(keys)
        known = self._known_paths(video_id)
        here = str(path.absolute())
        paths = (here, *(other for other in known if other != here))
        indexed = replace(indexed, video=replace(indexed.video, paths=paths))
        with indexing.watch.running("publish"):
            self._library.publish(indexed)
        seconds_by_stage = dict(indexing.watch.seconds)
        return VideoResult(path, indexed.video, VideoState.INDEXED, 0.0, seconds_by_stage)

    def _recognised(self, video_id: str, path: Path) -> VideoResult:
        """Leave an up-to-date video alone, and note where it is now."""
        here = str(path.absolute())
        video = self._library.video(video_id)
        state = VideoState.UNCHANGED
        if video.path != here:
            if here not in video.paths:
                state = VideoState.MOVED
            self._library.move_video(video_id, path.absolute())
            video = self._library.video(video_id)
        return VideoResult(path, video, state, 0.0, {})

    def _known_paths(self, video_id: str) -> tuple[str, ...]:
        known: list[Video] = [v for v in self._library.videos() if v.video_id == video_id]
        return known[0].paths if known else ()


class Progress:
    """Tells one listener how far one video is."""

    def __init__(self, path: Path, number: int, num_videos: int, on_event: OnEvent | None) -> None:
        self._path = path
        self._number = number
        self._num_videos = num_videos
        self._on_event = on_event
        self.total_seconds: float | None = None

    def tell(
        self, stage: str, state: EventState, done_seconds: float = 0.0, message: str = ""
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
                )
            )


def _sidecar_digests(path: Path) -> dict[str, str]:
    """Name every subtitle file beside a video by what is in it, so that an edit is noticed."""
    return {sidecar.path.name: file_digest(sidecar.path) for sidecar in find_sidecars(path)}


def _failure(path: Path, error: Exception) -> VideoResult:
    message = str(error) if isinstance(error, CinedexError) else f"{type(error).__name__}: {error}"
    return VideoResult(path, None, VideoState.FAILED, 0.0, {}, message, type(error).__name__)
