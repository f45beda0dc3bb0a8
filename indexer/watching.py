"""Watching folders: what arrives is indexed once it has stopped changing.

Folders are looked at again and again instead of asking the system for notices. A file that has
stopped growing sends no notice, so a clock is needed anyway; and looking works on network shares,
where what other machines write sends none either.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from indexer.arrivals import Arrivals
from indexer.folder_listing import Listing
from indexer.report import IndexReport, VideoResult, VideoState

RESTS_PER_LOOK = 10
GONE = "no longer there; the library keeps what it knows of it until `cinedex remove`"
STILL_CHANGING = "still being written, so it is left for the next run"


class WatchKind(StrEnum):
    """What happened."""

    FOUND = "found"
    STILL_CHANGING = "still_changing"
    RESULT = "result"
    GONE = "gone"
    UNLISTABLE = "unlistable"
    LISTABLE = "listable"


@dataclass(frozen=True, slots=True)
class WatchEvent:
    """One thing that happened to one path.

    Attributes:
        path: Of a folder for ``unlistable`` and ``listable``, of a video otherwise.
        message: What a person should know; the error of a result that failed.
        result: Of indexing, for ``result`` only.
    """

    kind: WatchKind
    path: Path
    message: str = ""
    result: VideoResult | None = None

    @property
    def is_failure(self) -> bool:
        """Whether something could not be read or indexed."""
        failed = self.result is not None and self.result.state is VideoState.FAILED
        return failed or self.kind is WatchKind.UNLISTABLE


class FolderWatch:
    """Looks at folders, and indexes what has come to rest there.

    Args:
        look: Lists the folders.
        index: Indexes files; its report has one result for each.
        arrivals: Remembers what was seen.
        look_seconds: Between two looks; ten times what a look takes where that is more, so that
            large trees and slow shares are not kept busy.
        clock: Seconds that only grow.
        sleep: Waits for some seconds.
    """

    def __init__(
        self,
        look: Callable[[], Listing],
        index: Callable[[Sequence[Path]], IndexReport],
        arrivals: Arrivals,
        *,
        look_seconds: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._look = look
        self._index = index
        self._arrivals = arrivals
        self._rest_seconds = look_seconds
        self._clock = clock
        self._sleep = sleep
        self._look_seconds = 0.0
        self._unlistable: Mapping[Path, str] = {}
        self._video_ids: dict[Path, str] = {}

    def forever(self) -> Iterator[WatchEvent]:
        """Look and index until the caller stops asking."""
        while True:
            yield from self.step()
            self._sleep(max(self._rest_seconds, RESTS_PER_LOOK * self._look_seconds))

    def once(self) -> Iterator[WatchEvent]:
        """Index what is there and at rest, name what still changes, and end."""
        yield from self._see()
        self._sleep(self._arrivals.settle_seconds)
        yield from self.step()
        for path in self._arrivals.waiting:
            yield WatchEvent(WatchKind.STILL_CHANGING, path, STILL_CHANGING)

    def step(self) -> Iterator[WatchEvent]:
        """Look once, and index what is at rest."""
        yield from self._see()
        due = self._arrivals.take(self._clock())
        if due:
            for result in self._index(due).results:
                yield WatchEvent(WatchKind.RESULT, result.path, self._remark(result), result)

    def _see(self) -> Iterator[WatchEvent]:
        started = self._clock()
        listing = self._look()
        now = self._clock()
        self._look_seconds = now - started
        yield from self._changed_folders(listing.unlistable)
        found, gone = self._arrivals.see(listing.videos, listing.unlistable.keys(), now)
        for path in gone:
            self._video_ids.pop(path, None)
            yield WatchEvent(WatchKind.GONE, path, GONE)
        for path in found:
            yield WatchEvent(WatchKind.FOUND, path)

    def _changed_folders(self, unlistable: Mapping[Path, str]) -> Iterator[WatchEvent]:
        for path, reason in unlistable.items():
            if self._unlistable.get(path) != reason:
                yield WatchEvent(WatchKind.UNLISTABLE, path, f"cannot be looked into: {reason}")
        for path in self._unlistable.keys() - unlistable.keys():
            yield WatchEvent(WatchKind.LISTABLE, path, "can be looked into again")
        self._unlistable = unlistable

    def _remark(self, result: VideoResult) -> str:
        """Say what failed, or that another video has taken the place of one that is kept."""
        if result.video is None:
            return result.error
        new = result.video.video_id
        old = self._video_ids.get(result.path, new)
        self._video_ids[result.path] = new
        if old == new:
            return ""
        return f"its content has changed; `cinedex remove {old}` forgets what was there before"
