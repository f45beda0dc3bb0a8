"""One video through its stages, up to the library; what has finished before is not done again."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event
from typing import Any

from indexer.allocator import use_few_arenas
from indexer.describing import describe
from indexer.identity import content_id, file_digest
from indexer.listening import hear, read_subtitles
from indexer.looking import look_through, no_sights, read_sights
from indexer.media import MediaInfo, probe
from indexer.models import IndexerModels
from indexer.naming import name_files, read_facts
from indexer.options import IndexOptions
from indexer.publishing import Publishing, publish, skips_of
from indexer.report import EventState, Listener, Stopwatch
from indexer.stages import DESCRIBE, LISTEN, LOOK, PlannedStage, StageKeys, plan, stage_keys
from indexer.subtitles import all_sidecars, subtitle_files
from indexer.titles import NameFacts
from indexer.workbook import Workbook
from store.errors import MediaError, MediaUnreadableError
from store.library import Library
from store.records import StageState, Video


@dataclass(frozen=True, slots=True)
class VideoTask:
    """One video, and what there is to do about it.

    Attributes:
        path: Where it is now.
        paths: Everywhere it was seen, the latest first.
        source: The copy of it whose name and neighbours count.
        named: What it is called.
        planned: Stages that must run; empty where the library is up to date.
        is_moved: Whether the library has not seen it at this path.
    """

    video_id: str
    path: Path
    paths: tuple[str, ...]
    source: Path
    named: NameFacts
    wanted: StageKeys
    planned: tuple[PlannedStage, ...]
    is_moved: bool


def video_task(
    library: Library,
    path: Path,
    models: IndexerModels,
    options: IndexOptions,
    forced: frozenset[str] = frozenset(),
) -> VideoTask:
    """Find out what there is to do about one file.

    Raises:
        MediaError: It cannot be read.
    """
    video_id = content_id(path)
    known = library.paths(video_id)
    here = str(path.absolute())
    paths = (here, *(other for other in known or () if other != here))
    source = _naming_path(path, paths[1:], video_id)
    named = read_facts(source)
    wanted = stage_keys(
        video_id, options, models.ids_by_stage(), _files_by_stage(source), _spelled(named)
    )
    kept = library.stage_results.all_of(video_id)
    is_current = (
        not forced
        and library.stage_keys(video_id) == wanted.keys
        and ("publish" not in kept or kept["publish"].state is StageState.FINISHED)
    )
    return VideoTask(
        video_id=video_id,
        path=path,
        paths=paths,
        source=source,
        named=named,
        wanted=wanted,
        planned=() if is_current else plan(wanted, kept, forced),
        is_moved=here not in (known or (here,)),
    )


class VideoIndexing:
    """The work on one video; the library shows nothing of it until it is published.

    Attributes:
        watch: Wall time by stage.
    """

    def __init__(
        self,
        library: Library,
        task: VideoTask,
        models: IndexerModels,
        options: IndexOptions,
        listener: Listener,
    ) -> None:
        self.watch = Stopwatch()
        self._library = library
        self._task = task
        self._models = models
        self._options = options
        self._listener = listener
        stages = [planned.stage for planned in task.planned]
        self._book = Workbook(library.stage_results, task.video_id, task.wanted, stages, self.watch)

    def run(self) -> Video:
        """Run what must run, and publish.

        Raises:
            MediaError: The file cannot be indexed.
        """
        task = self._task
        with self.watch.running("probe"):
            media = probe(task.path)
        self._listener.total_seconds = media.duration_seconds
        self._look_and_listen(media)
        duration_seconds = self._describe(media)
        self._tell_skips()
        self._require_unchanged()
        facts = Publishing(task.path, task.paths, media, task.named, duration_seconds)
        with self._book.noting_failure("publish"):
            return publish(self._library, self._book, facts, self._models, self._options)

    def _look_and_listen(self, media: MediaInfo) -> None:
        """Look and listen side by side; whoever listens loads the text encoder first.

        Loaded last, in a long film's full memory, it made the peak depend on the film's length.
        Speech recognition and picture networks each leave cores idle, so together they take less
        than one after the other.
        """
        if not self._book.must_run(*LOOK, *LISTEN):
            return
        use_few_arenas()
        abandoned = Event()
        with ThreadPoolExecutor(1, thread_name_prefix="listen") as threads:
            encoder = threads.submit(self._models.text_encoder.get)
            listening = threads.submit(self._listen, media, abandoned)
            try:
                self._look(media)
                listening.result()
            except BaseException:
                abandoned.set()
                encoder.cancel()
                raise

    def _look(self, media: MediaInfo) -> None:
        with self._book.noting_failure(*LOOK):
            if media.has_picture:
                look_through(
                    self._task.path, self._book, self._models, self._options, self._listener
                )
            else:
                no_sights(self._book)

    def _listen(self, media: MediaInfo, abandoned: Event) -> None:
        task = self._task
        with self._book.noting_failure(*LISTEN):
            read_subtitles(task.path, task.source, media, self._book, self._listener)
            hear(
                task.path,
                media,
                self._book,
                self._models,
                self._options,
                self._listener,
                abandoned,
            )

    def _describe(self, media: MediaInfo) -> float:
        """Run what comes last; return how long the video is, in seconds."""
        seconds = self._duration_seconds(media)
        with self._book.noting_failure(*DESCRIBE):
            describe(
                self._task.path, self._book, seconds, self._models, self._options, self._listener
            )
        return seconds

    def _require_unchanged(self) -> None:
        """Refuse to publish one file's pictures under another's id."""
        if content_id(self._task.path) != self._task.video_id:
            self._book.results.forget(self._task.video_id)
            raise MediaUnreadableError(
                f"{self._task.path} changed while it was read; index it again when it is complete"
            )

    def _duration_seconds(self, media: MediaInfo) -> float:
        """Trust the frames over the container where a file is cut off; sound may go on longer."""
        end_seconds = read_sights(self._book).end_seconds
        if media.has_picture and not media.has_sound:
            return end_seconds
        return max(media.duration_seconds, end_seconds)

    def _tell_skips(self) -> None:
        for skip in skips_of(self._book):
            self._listener.tell(skip.stage, EventState.SKIPPED, message=skip.reason)


def _naming_path(path: Path, others: Sequence[str], video_id: str) -> Path:
    """Choose whose name and neighbours count, so that copies of a file do not take turns.

    The one with the most subtitle files that can be read, then the shortest. A path where another
    file lies by now is none.
    """
    there = [path, *(Path(other) for other in others if _holds(Path(other), video_id))]
    if len(there) == 1:
        return path
    return min(there, key=lambda path: (-len(subtitle_files(path)), len(str(path)), str(path)))


def _holds(path: Path, video_id: str) -> bool:
    try:
        return content_id(path) == video_id
    except MediaError:
        return False


def _files_by_stage(path: Path) -> Mapping[str, Mapping[str, str]]:
    """Name every other file that a stage reads by what is in it, so that an edit is noticed.

    A subtitle file that is only named and not read has the reason instead.
    """

    def name(file: Path) -> str:
        return os.path.relpath(file, path.parent)

    return {
        "subtitles": {
            name(file.path): file.problem or file_digest(file.path) for file in all_sidecars(path)
        },
        "publish": {name(file): file_digest(file) for file in name_files(path)},
    }


def _spelled(named: NameFacts) -> dict[str, Any]:
    return {name: value for name, value in asdict(named).items() if name != "skips"}
