"""Indexing with workers on several machines: this process plans, hands out parts and publishes.

What finished under which key stands in the catalogue, so a worker that dies costs the stages that
it was running and nothing else.
"""

import logging
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from indexer.crew import Crew, Died, Ended
from indexer.fetching import is_url, local_copy
from indexer.models import IndexerModels
from indexer.options import IndexOptions
from indexer.part_queue import MAX_ATTEMPTS, PartQueue
from indexer.parts import PartTask, parts_of
from indexer.pipeline import failure
from indexer.report import EventState, OnEvent, Progress, VideoResult, VideoState
from indexer.stages import plan
from indexer.video import VideoIndexing, VideoTask, video_task
from indexer.workbook import ResultLostError
from store.errors import MediaError, WorkerDiedError
from store.library import Library

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Coming:
    """A file that was not taken up yet; ``number`` counts from 1."""

    media: str
    number: int
    forced: frozenset[str]


@dataclass(slots=True)
class _Video:
    """A video under way.

    Attributes:
        copy: Holds the copy of media that is fetched.
        rounds: How often its parts were handed out anew because a result was lost.
    """

    coming: _Coming
    task: VideoTask
    progress: Progress
    started: float
    copy: ExitStack
    seconds_by_stage: dict[str, float] = field(default_factory=dict)
    rounds: int = 0


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
        self, media: Sequence[str], forced: frozenset[str], on_event: OnEvent
    ) -> Iterator[VideoResult]:
        """Index files, and yield what became of each when it is over.

        Args:
            media: Paths that every worker sees, and URLs.
            forced: Stages to run whatever has finished, with all that use them.
            on_event: Told of every step.

        Raises:
            CinedexError: Of the catalogue, the weights or the cluster.
        """
        self._num_videos = len(media)
        self._coming.extend(_Coming(name, i, forced) for i, name in enumerate(media, start=1))
        try:
            while self._coming or self._videos:
                while self._coming and len(self._videos) < self._crew.num_videos():
                    yield from self._begin(self._coming.popleft(), on_event)
                self._hand_out()
                for over in self._crew.wait(on_event):
                    yield from self._take(over)
        finally:
            for video in self._videos.values():
                video.copy.close()

    def _begin(self, coming: _Coming, on_event: OnEvent) -> Iterator[VideoResult]:
        """Find out what there is to do about a file, and do what takes no worker."""
        copy = ExitStack()
        progress = Progress(Path(coming.media), coming.number, self._num_videos, on_event)
        started = time.perf_counter()
        try:
            task = self._planned(coming, copy)
        except MediaError as error:
            copy.close()
            yield self._told(progress, failure(Path(coming.media), error), started)
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
            yield self._end(video, self._recognised(task))
            return
        yield from self._hand_out_or_publish(video)

    def _planned(self, coming: _Coming, copy: ExitStack) -> VideoTask:
        path = copy.enter_context(local_copy(coming.media, self._scratch))
        task = video_task(self._library, path, self._models, self._options, coming.forced)
        if not is_url(coming.media):
            return task
        known = self._library.paths(task.video_id) or ()
        paths = (coming.media, *(other for other in known if other != coming.media))
        is_moved = bool(known) and coming.media not in known
        return replace(task, paths=paths, is_moved=is_moved)

    def _recognised(self, task: VideoTask) -> VideoResult:
        """Leave an up-to-date video alone, and note where it is now."""
        if self._library.video(task.video_id).path != task.paths[0]:
            self._library.move_video(task.video_id, task.paths[0])
        state = VideoState.MOVED if task.is_moved else VideoState.UNCHANGED
        return VideoResult(Path(task.paths[0]), self._library.video(task.video_id), state, 0.0, {})

    def _hand_out(self) -> None:
        for part in self._crew.free():
            run = self._queue.start(part)
            if run is not None:
                video = self._videos[run.video_id]
                coming = video.coming
                task = PartTask(part, video.task, coming.media, coming.number, self._num_videos)
                self._crew.give(run, task)

    def _take(self, over: Ended | Died) -> Iterator[VideoResult]:
        video = self._videos.get(over.run.video_id)
        if video is None:  # given up while this part ran
            return
        if isinstance(over, Died):
            yield from self._mourn(video, over)
            return
        for stage, seconds in over.end.seconds_by_stage.items():
            video.seconds_by_stage[stage] = video.seconds_by_stage.get(stage, 0.0) + seconds
        if over.end.error:
            path = Path(video.coming.media)
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

    def _mourn(self, video: _Video, died: Died) -> Iterator[VideoResult]:
        run = died.run
        if self._queue.die(run):
            log.warning("%s: %s: %s; tried again", video.coming.media, run.part, died.reason)
            return
        error = WorkerDiedError(f"{run.part}: {died.reason}, {run.attempt} times; it is given up")
        yield self._end(video, failure(Path(video.coming.media), error))

    def _hand_out_or_publish(self, video: _Video) -> Iterator[VideoResult]:
        """Hand out the parts that have stages to run; publish where there is none."""
        task = video.task
        planned = plan(task.wanted, self._library.stage_results.all_of(task.video_id))
        parts = parts_of(planned)
        if parts and video.rounds < MAX_ATTEMPTS:
            video.rounds += 1
            self._queue.add(task.video_id, parts)
            return
        try:
            result = self._published(video, replace(task, planned=planned))
        except ResultLostError as lost:
            log.warning("%s: %s; it is run again", video.coming.media, lost)
            self._library.stage_results.forget(task.video_id, [lost.stage])
            yield from self._hand_out_or_publish(video)
        except MediaError as error:
            yield self._end(video, failure(Path(video.coming.media), error))
        else:
            yield self._end(video, result)

    def _published(self, video: _Video, task: VideoTask) -> VideoResult:
        indexing = VideoIndexing(self._library, task, self._models, self._options, video.progress)
        published = indexing.run()
        seconds = {**video.seconds_by_stage, "publish": indexing.watch.seconds["publish"]}
        return VideoResult(Path(video.coming.media), published, VideoState.INDEXED, 0.0, seconds)

    def _end(self, video: _Video, result: VideoResult) -> VideoResult:
        video_id = video.task.video_id
        video.copy.close()
        self._queue.drop(video_id)
        del self._videos[video_id]
        self._coming.extendleft(reversed(self._twins.pop(video_id, [])))
        return self._told(video.progress, result, video.started)

    def _told(self, progress: Progress, result: VideoResult, started: float) -> VideoResult:
        state = EventState.FAILED if result.state is VideoState.FAILED else EventState.FINISHED
        progress.tell("", state, message=result.error)
        return replace(result, seconds=time.perf_counter() - started)
