"""Indexing with several processes of this machine, each of which takes whole videos.

Every process publishes what it has finished: the catalogue lets one of them write at a time.
"""

import logging
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from indexer.discovery import discover
from indexer.identity import content_id
from indexer.pipeline import Indexer, failure
from indexer.pool import WorkerPool
from indexer.report import (
    EventState,
    IndexEvent,
    IndexReport,
    OnEvent,
    Progress,
    VideoResult,
)
from indexer.stages import with_dependants
from store.errors import MediaError, WorkerDiedError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SameVideo:
    """The files of one run that hold the same video: one process takes them, in turn.

    Attributes:
        paths: With the number of each in the run, from 1.
    """

    paths: tuple[tuple[int, Path], ...]
    num_videos: int
    forced: frozenset[str]


class ParallelIndexer:
    """Indexes as ``Indexer`` does, with several at once.

    Args:
        make_indexer: Called in each process; must be picklable.
        num_jobs: Processes.
    """

    def __init__(self, make_indexer: Callable[[], Indexer], num_jobs: int) -> None:
        self._make_indexer = make_indexer
        self._num_jobs = num_jobs

    def index(
        self,
        paths: Sequence[Path],
        *,
        recursive: bool = False,
        force: Collection[str] = (),
        on_event: OnEvent | None = None,
    ) -> IndexReport:
        """Index files; the arguments, the report and what is raised are as of ``Indexer.index``."""
        started = time.perf_counter()
        forced = with_dependants(force)
        videos, problems = discover(paths, recursive)
        tell = on_event or _ignore
        results: dict[int, VideoResult] = {}
        with WorkerPool(partial(make_work, self._make_indexer), self._num_jobs, _warn) as pool:
            for ended in pool.run(_grouped(videos, forced), tell):
                results |= ended.result or _given_up(ended.task, ended.error, tell)
        in_order = [failure(path, error) for path, error in problems]
        in_order += [results[number] for number in sorted(results)]
        return IndexReport(tuple(in_order), time.perf_counter() - started)


def make_work(
    make_indexer: Callable[[], Indexer],
) -> Callable[[SameVideo, OnEvent], dict[int, VideoResult]]:
    """Return what a worker process does with one video."""
    indexer = make_indexer()

    def work(video: SameVideo, tell: OnEvent) -> dict[int, VideoResult]:
        results = {}
        forced = video.forced
        for number, path in video.paths:
            progress = Progress(path, number, video.num_videos, tell)
            results[number] = indexer.index_one(path, forced, progress)
            forced = frozenset()  # once is enough for all its names
        return results

    return work


def _grouped(paths: Sequence[Path], forced: frozenset[str]) -> list[SameVideo]:
    groups: dict[str, list[tuple[int, Path]]] = {}
    for number, path in enumerate(paths, start=1):
        try:
            video_id = content_id(path)
        except MediaError:  # said by the process that takes it
            video_id = f"unread {number}"
        groups.setdefault(video_id, []).append((number, path))
    return [SameVideo(tuple(group), len(paths), forced) for group in groups.values()]


def _given_up(video: SameVideo, reason: str, tell: OnEvent) -> dict[int, VideoResult]:
    results = {}
    for number, path in video.paths:
        error = WorkerDiedError(f"{path.name}: {reason}; try fewer jobs, or look at the file")
        results[number] = failure(path, error)
        state = EventState.FAILED
        tell(IndexEvent(path, "", state, number, video.num_videos, message=str(error)))
    return results


def _warn(video: SameVideo, reason: str) -> None:
    log.warning("%s: %s; tried again", video.paths[0][1], reason)


def _ignore(event: IndexEvent) -> None:
    return
