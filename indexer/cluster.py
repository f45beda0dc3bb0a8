"""Indexing with workers on several machines: this process plans, hands out parts and publishes.

What finished under which key stands in the catalogue, so a worker that dies costs the stages that
it was running and nothing else.
"""

import logging
import time
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from indexer.crew import Crew, Died, Ended
from indexer.discovery import discover
from indexer.fetching import is_url, local_copy, shown, shown_path
from indexer.media import MediaInfo, probe
from indexer.models import IndexerModels
from indexer.options import IndexOptions
from indexer.part_queue import MAX_ATTEMPTS, PartQueue
from indexer.parts import Part, PartTask, parts_of
from indexer.pipeline import failure
from indexer.report import (
    EventState,
    IndexEvent,
    IndexReport,
    OnEvent,
    Progress,
    VideoResult,
    VideoState,
)
from indexer.stages import plan, with_dependants
from indexer.video import VideoIndexing, VideoTask, video_task
from indexer.workbook import ResultLostError
from store.errors import CinedexError, LibraryDamagedError, MediaError, WorkerDiedError
from store.library import Library

log = logging.getLogger(__name__)

Numbered = tuple[int, VideoResult]
"""A result, and the number of its file in the run."""


@dataclass(frozen=True, slots=True)
class _Coming:
    """A file that was not taken up yet; ``number`` counts from 1."""

    media: str
    number: int
    forced: frozenset[str]

    @property
    def path(self) -> Path:
        """What it is called wherever people see it."""
        return shown_path(self.media)


@dataclass(slots=True)
class _Video:
    """A video under way.

    Attributes:
        copy: Holds the copy of media that is fetched.
        info: What a probe of it said, once somebody needs that.
        rounds: How often its parts were handed out anew because a result was lost.
    """

    coming: _Coming
    task: VideoTask
    progress: Progress
    started: float
    copy: ExitStack
    seconds_by_stage: dict[str, float] = field(default_factory=dict)
    rounds: int = 0
    info: MediaInfo | None = None


class ClusterIndexer:
    """Indexes videos into one library with a crew of workers.

    Args:
        library: Its catalogue is one that the workers reach too.
        models: They name the stage keys; none is loaded here.
        options: What to do.
        crew: The workers.
        scratch: Where media that is fetched lies while it is under way.
    """

    def __init__(
        self,
        library: Library,
        models: IndexerModels,
        options: IndexOptions,
        crew: Crew,
        scratch: Path,
    ) -> None:
        self._library = library
        self._models = models
        self._options = options
        self._crew = crew
        self._scratch = scratch
        self._queue = PartQueue()
        self._coming: deque[_Coming] = deque()
        self._twins: dict[str, list[_Coming]] = {}
        self._videos: dict[str, _Video] = {}
        self._num_videos = 0

    def index(
        self,
        paths: Sequence[str | Path],
        *,
        recursive: bool = False,
        force: Collection[str] = (),
        on_event: OnEvent | None = None,
    ) -> IndexReport:
        """Index files; the report and what is raised are as of ``Indexer.index``.

        Args:
            paths: Files and folders under names that every worker sees, and URLs.
            recursive: As for ``Indexer.index``.
            force: As for ``Indexer.index``.
            on_event: Told of every step.

        Raises:
            ClusterError: There are no workers.
        """
        started = time.perf_counter()
        forced = with_dependants(force)
        media, problems = _media_of(paths, recursive)
        self._num_videos = len(media)
        self._coming.extend(_Coming(name, i, forced) for i, name in enumerate(media, start=1))
        results = dict(self._run(on_event or _ignore))
        in_order = [failure(path, error) for path, error in problems]
        in_order += [results[number] for number in sorted(results)]
        return IndexReport(tuple(in_order), time.perf_counter() - started)

    def _run(self, on_event: OnEvent) -> Iterator[Numbered]:
        try:
            while self._coming or self._videos:
                if self._coming and len(self._videos) < self._crew.num_videos():
                    yield from self._begin(self._coming.popleft(), on_event)
                    self._hand_out()
                    if self._coming and Part.LOOK in self._crew.free():
                        continue
                if self._videos:
                    for over in self._crew.wait(on_event):
                        yield from self._take(over)
                    # Before another file is taken up: fetching it may take minutes.
                    self._hand_out()
        finally:
            for video in self._videos.values():
                video.copy.close()

    def _begin(self, coming: _Coming, on_event: OnEvent) -> Iterator[Numbered]:
        """Find out what there is to do about a file, and do what takes no worker."""
        copy = ExitStack()
        progress = Progress(coming.path, coming.number, self._num_videos, on_event)
        started = time.perf_counter()
        try:
            task = self._planned(coming, copy)
        except MediaError as error:
            copy.close()
            yield coming.number, _told(progress, failure(coming.path, error), started)
            return
        if task.video_id in self._videos:
            # The same content under two names: its turn comes when the other one is published.
            copy.close()
            later = replace(coming, forced=frozenset())
            self._twins.setdefault(task.video_id, []).append(later)
            return
        progress.tell("", EventState.STARTED)
        video = _Video(coming, task, progress, started, copy)
        self._videos[task.video_id] = video
        if coming.forced:
            self._library.stage_results.forget(task.video_id, coming.forced)
        if not task.planned:
            yield self._end(video, self._recognised(video))
            return
        yield from self._hand_out_or_publish(video)

    def _planned(self, coming: _Coming, copy: ExitStack) -> VideoTask:
        path = copy.enter_context(local_copy(coming.media, self._scratch))
        task = video_task(self._library, path, self._models, self._options, coming.forced)
        if not is_url(coming.media):
            return task
        here = shown(coming.media)
        known = self._library.paths(task.video_id) or ()
        paths = (here, *(other for other in known if other != here))
        is_moved = bool(known) and here not in known
        return replace(task, paths=paths, is_moved=is_moved)

    def _recognised(self, video: _Video) -> VideoResult:
        """Leave an up-to-date video alone, and note where it is now."""
        task = video.task
        if self._library.video(task.video_id).path != task.paths[0]:
            self._library.move_video(task.video_id, task.paths[0])
        state = VideoState.MOVED if task.is_moved else VideoState.UNCHANGED
        known = self._library.video(task.video_id)
        return VideoResult(video.coming.path, known, state, 0.0, {})

    def _hand_out(self) -> None:
        for part in self._crew.free():
            run = self._queue.start(part)
            if run is not None:
                video = self._videos[run.video_id]
                coming = video.coming
                task = PartTask(
                    part, video.task, coming.media, coming.number, self._num_videos, video.info
                )
                self._crew.give(run, task)

    def _take(self, over: Ended | Died) -> Iterator[Numbered]:
        if not self._queue.is_running(over.run):  # its video was given up, and may be back
            return
        video = self._videos[over.run.video_id]
        if isinstance(over, Died):
            yield from self._mourn(video, over)
            return
        for stage, seconds in over.end.seconds_by_stage.items():
            video.seconds_by_stage[stage] = video.seconds_by_stage.get(stage, 0.0) + seconds
        if over.end.error:
            path = video.coming.path
            yield self._end(
                video,
                VideoResult(
                    path, None, VideoState.FAILED, 0.0, {}, over.end.error, over.end.error_type
                ),
            )
            return
        if over.end.lost_stage:
            self._library.stage_results.forget(video.task.video_id, [over.end.lost_stage])
        if self._queue.finish(over.run):
            yield from self._hand_out_or_publish(video)

    def _mourn(self, video: _Video, died: Died) -> Iterator[Numbered]:
        run = died.run
        if self._queue.die(run):
            log.warning("%s: %s: %s; tried again", video.coming.path, run.part, died.reason)
            return
        error = WorkerDiedError(f"{run.part}: {died.reason}, {run.attempt} times; it is given up")
        yield self._end(video, failure(video.coming.path, error))

    def _hand_out_or_publish(self, video: _Video) -> Iterator[Numbered]:
        """Hand out the parts that have stages to run; publish where there is none."""
        task = video.task
        planned = plan(task.wanted, self._library.stage_results.all_of(task.video_id))
        parts = parts_of(planned)
        if parts and video.rounds == MAX_ATTEMPTS:
            lost = ", ".join(each.stage for each in planned if each.stage != "publish")
            error = LibraryDamagedError(
                f"what was found by {lost} was lost {MAX_ATTEMPTS} times; look at the disk and at "
                "the memory of the catalogue's server, then index again"
            )
            yield self._end(video, failure(video.coming.path, error))
            return
        try:
            if Part.DESCRIBE in parts and video.info is None:
                video.info = probe(task.path)
            if parts:
                video.rounds += 1
                self._queue.add(task.video_id, parts)
                return
            result = self._published(video, replace(task, planned=planned))
        except ResultLostError as lost:
            log.warning("%s: %s; it is run again", video.coming.path, lost)
            if lost.is_damaged:
                self._library.stage_results.forget(task.video_id, [lost.stage])
            yield from self._hand_out_or_publish(video)
        except MediaError as error:
            yield self._end(video, failure(video.coming.path, error))
        else:
            yield self._end(video, result)

    def _published(self, video: _Video, task: VideoTask) -> VideoResult:
        indexing = VideoIndexing(self._library, task, self._models, self._options, video.progress)
        published = indexing.run()
        seconds = {**video.seconds_by_stage, "publish": indexing.watch.seconds["publish"]}
        return VideoResult(video.coming.path, published, VideoState.INDEXED, 0.0, seconds)

    def _end(self, video: _Video, result: VideoResult) -> Numbered:
        video_id = video.task.video_id
        video.copy.close()
        self._queue.drop(video_id)
        del self._videos[video_id]
        self._coming.extendleft(reversed(self._twins.pop(video_id, [])))
        return video.coming.number, _told(video.progress, result, video.started)


def _media_of(
    paths: Sequence[str | Path], recursive: bool
) -> tuple[list[str], list[tuple[Path, CinedexError]]]:
    """List files by their absolute path, and URLs as they are."""
    urls = [str(path) for path in paths if is_url(str(path))]
    local = [Path(path).expanduser() for path in paths if not is_url(str(path))]
    videos, problems = discover(local, recursive)
    return [*(str(video.absolute()) for video in videos), *dict.fromkeys(urls)], problems


def _told(progress: Progress, result: VideoResult, started: float) -> VideoResult:
    state = EventState.FAILED if result.state is VideoState.FAILED else EventState.FINISHED
    progress.tell("", state, message=result.error)
    return replace(result, seconds=time.perf_counter() - started)


def _ignore(event: IndexEvent) -> None:
    return
