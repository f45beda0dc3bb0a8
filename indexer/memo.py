"""Answers of models, kept while a stage runs, so that the next attempt need not ask again."""

import time
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from indexer.allocator import give_back
from indexer.workbook import StageWork

# What a killed process has to do again, at most.
SAVE_SECONDS = 20.0

Entry = TypeVar("Entry")


class Memo(Generic[Entry]):
    """What was found at each instant of a video that a stage has looked at.

    An attempt goes through the video as the one before did, in the same order, and is told what
    that one had found as far as it had come; so it ends where an undisturbed one ends.

    Args:
        work: The stage that is running.
        pack: Entries and their instants as bytes.
        unpack: The reverse.
    """

    def __init__(
        self,
        work: StageWork,
        pack: Callable[[Sequence[tuple[float, Entry]]], bytes],
        unpack: Callable[[bytes], Sequence[tuple[float, Entry]]],
    ) -> None:
        self._work = work
        self._pack = pack
        self._known = {at: entry for part in work.left for at, entry in unpack(part)}
        self._unsaved: list[tuple[float, Entry]] = []
        self._saved_at = time.monotonic()

    def recall(self, pts_seconds: float) -> Entry | None:
        """Return what an earlier attempt found at an instant, once."""
        return self._known.pop(pts_seconds, None)

    def note(self, pts_seconds: float, entry: Entry) -> None:
        """Remember what was found at an instant."""
        self._unsaved.append((pts_seconds, entry))

    def save_in_time(self) -> None:
        """Save what was noted when enough work has gone into it."""
        if time.monotonic() - self._saved_at >= SAVE_SECONDS:
            self.save()

    def save(self) -> None:
        """Save what was noted."""
        if self._unsaved:
            self._work.add(self._pack(self._unsaved))
            self._unsaved = []
            give_back()
        self._saved_at = time.monotonic()
