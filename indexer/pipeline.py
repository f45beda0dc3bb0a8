"""The indexer: files in, one finished video after another out into the library."""

import logging
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.discovery import discover
from indexer.identity import content_id
from indexer.models import IndexerModels
from indexer.options import IndexOptions
from indexer.report import (
    EventState,
    IndexReport,
    OnEvent,
    Progress,
    VideoResult,
    VideoState,
)
from indexer.stages import INPUTS, NOT_DONE, PlannedStage, with_dependants
from indexer.video import VideoIndexing, VideoTask, video_task
from indexer.workbook import ResultLostError
from store.errors import CinedexError, MediaError
from store.library import Library

log = logging.getLogger(__name__)

BUSY = "another run is at work on this video"


@dataclass(frozen=True, slots=True)
class VideoPlan:
    """What a run would do about one file.

    Attributes:
        video_id: Empty where the file cannot be read.
        stages: Empty where the library is up to date.
        error: Why it would fail; empty where nothing is known to be wrong.
    """

    path: Path
    video_id: str
    stages: tuple[PlannedStage, ...]
    error: str = ""

    @property
    def is_new(self) -> bool:
        """Whether nothing has been done of all there is to do."""
        is_whole = {planned.stage for planned in self.stages} == {"publish", *INPUTS["publish"]}
        return is_whole and all(planned.reason == NOT_DONE for planned in self.stages)


class Indexer:
    """Indexes videos into one library.

    Args:
        library: Where finished videos are published, each in one transaction.
        models: Loaded when the first video needs them.
        options: What to do.
    """

    def __init__(self, library: Library, models: IndexerModels, options: IndexOptions) -> None:
        self._library = library
        self.models = models
        self.options = options

    def index(
        self,
        paths: Sequence[Path],
        *,
        recursive: bool = False,
        force: Collection[str] = (),
        on_event: OnEvent | None = None,
    ) -> IndexReport:
        """Index files one after another; one that fails does not stop the others.

        An interruption (Ctrl-C) loses some seconds of work: the next run goes on from there.

        Args:
            paths: Media files and folders; one that is missing or holds no video is a failure too.
            recursive: Look into folders of folders.
            force: Stages to run again though they have finished, and with them all that use their
                results; ``all`` for every stage.
            on_event: Told of every step.

        Raises:
            ConfigError: There is no such stage.
            LibraryError: The library cannot be written; the run ends.
            WeightsError: A model is missing; the run ends.
        """
        started = time.perf_counter()
        forced = with_dependants(force)
        videos, problems = discover(paths, recursive)
        results = [failure(path, error) for path, error in problems]
        taken: set[str] = set()
        made: dict[int, VideoResult] = {}
        for number, path in self._free_first(videos):
            progress = Progress(path, number, len(videos), on_event)
            is_first = not forced or _is_first(path, taken)
            made[number] = self.index_one(path, forced if is_first else frozenset(), progress)
        results += [made[number] for number in sorted(made)]
        return IndexReport(tuple(results), time.perf_counter() - started)

    def _free_first(self, videos: Sequence[Path]) -> Iterator[tuple[int, Path]]:
        """Number the videos from 1; those that another run is at work on come last."""
        busy = []
        for number, path in enumerate(videos, start=1):
            if self._is_busy(path):
                busy.append((number, path))
            else:
                yield number, path
        yield from busy

    def _is_busy(self, path: Path) -> bool:
        try:
            return self._library.claims.is_taken(content_id(path))
        except MediaError:
            return False  # it fails in its turn

    def plan(
        self, paths: Sequence[Path], *, recursive: bool = False, force: Collection[str] = ()
    ) -> Iterator[VideoPlan]:
        """Say what ``index`` would do, and why; nothing is changed and no model loaded.

        Args:
            paths: As for ``index``.
            recursive: As for ``index``.
            force: As for ``index``.
        """
        forced = with_dependants(force)
        videos, problems = discover(paths, recursive)
        for path, error in problems:
            yield VideoPlan(path, "", (), str(error))
        for path in videos:
            try:
                task = video_task(self._library, path, self.models, self.options, forced)
            except MediaError as error:
                yield VideoPlan(path, "", (), str(error))
            else:
                yield VideoPlan(path, task.video_id, task.planned)

    def index_one(self, path: Path, forced: frozenset[str], progress: Progress) -> VideoResult:
        """Index one file.

        Args:
            path: Of it.
            forced: Stages to run whatever has finished, with all that use them.
            progress: Told of every step.

        Returns:
            What became of it; a failure of the file, and a fault of ours, is a result too.

        Raises:
            CinedexError: Of the library or the weights.
        """
        started = time.perf_counter()
        progress.tell("", EventState.STARTED)
        try:
            result = self._bring_up_to_date(path, forced, progress)
        except MediaError as error:
            result = failure(path, error)
        except CinedexError:
            raise
        except Exception as error:
            # A fault of ours in one video must not cost the night's run over the others.
            log.exception("indexing %s failed", path)
            result = failure(path, error)
        result = replace(result, seconds=time.perf_counter() - started)
        state = EventState.FAILED if result.state is VideoState.FAILED else EventState.FINISHED
        progress.tell("", state, message=result.error)
        return result

    def _bring_up_to_date(
        self, path: Path, forced: frozenset[str], progress: Progress
    ) -> VideoResult:
        task = video_task(self._library, path, self.models, self.options, forced)
        if not task.planned:
            return self._recognised(task)
        claims = self._library.claims
        if claims.is_taken(task.video_id):
            progress.tell("", EventState.WAITING, message=BUSY)
        with claims.held(task.video_id):
            return self._work_on(path, forced, progress)

    def _work_on(self, path: Path, forced: frozenset[str], progress: Progress) -> VideoResult:
        """Do what is to be done, now that no other process of this machine does."""
        task = video_task(self._library, path, self.models, self.options, forced)
        if not task.planned:
            return self._recognised(task)
        if forced:
            self._begin_again(task, forced)
        indexing = VideoIndexing(self._library, task, self.models, self.options, progress)
        try:
            video = indexing.run()
        except ResultLostError as lost:
            log.warning("%s: %s; it is run again", path, lost)
            if lost.is_damaged:
                self._library.stage_results.forget(task.video_id, [lost.stage])
            return self._work_on(path, frozenset(), progress)
        return VideoResult(path, video, VideoState.INDEXED, 0.0, dict(indexing.watch.seconds))

    def _begin_again(self, task: VideoTask, forced: frozenset[str]) -> None:
        """Forget stages, so that a run that is interrupted and not forced again does them too."""
        results = self._library.stage_results
        results.forget(task.video_id, forced)
        results.begin(
            task.video_id, "publish", task.wanted.keys["publish"], task.wanted.facts["publish"]
        )

    def _recognised(self, task: VideoTask) -> VideoResult:
        """Leave an up-to-date video alone, and note where it is now."""
        video = self._library.video(task.video_id)
        if video.path != task.paths[0]:
            self._library.move_video(task.video_id, task.path.absolute())
            video = self._library.video(task.video_id)
        state = VideoState.MOVED if task.is_moved else VideoState.UNCHANGED
        return VideoResult(task.path, video, state, 0.0, {})


def _is_first(path: Path, taken: set[str]) -> bool:
    """Say whether a file is no copy of one that was taken before, and take it."""
    try:
        video_id = content_id(path)
    except MediaError:
        return True  # it fails in its turn
    is_first = video_id not in taken
    taken.add(video_id)
    return is_first


def failure(path: Path, error: Exception) -> VideoResult:
    """Say that a file could not be indexed, and why."""
    message = str(error) if isinstance(error, CinedexError) else f"{type(error).__name__}: {error}"
    return VideoResult(path, None, VideoState.FAILED, 0.0, {}, message, type(error).__name__)
