"""Which files of a watched folder are new or changed, and which of them have come to rest."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from indexer.folder_listing import SeenVideo


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A file as it is now, which was not taken as it is now.

    Attributes:
        since: When it was first seen so, in seconds of the caller's clock.
    """

    seen: SeenVideo
    since: float


@dataclass(slots=True)
class Arrivals:
    """Remembers what was seen, so that each state of each file is taken once.

    Args:
        settle_seconds: A file is at rest when it was the same for so long.
        held: Returns those of some files that a process still writes.
    """

    settle_seconds: float
    held: Callable[[Iterable[Path]], Collection[Path]]
    _waiting: dict[Path, _Waiting] = field(default_factory=dict)
    _taken: dict[Path, SeenVideo] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.settle_seconds >= 0:
            raise ValueError(f"settle_seconds cannot be {self.settle_seconds}")

    @property
    def waiting(self) -> tuple[Path, ...]:
        """Files that are new or changed, and not at rest."""
        return tuple(self._waiting)

    def see(
        self, videos: Mapping[Path, SeenVideo], unlistable: Collection[Path], now: float
    ) -> tuple[list[Path], list[Path]]:
        """Compare what lies there with what was seen before.

        Args:
            videos: What lies there.
            unlistable: Folders of which nothing is known; files in them are not gone for that.
            now: Seconds of a clock that only grows.

        Returns:
            Files that were never seen, and files that were seen and are gone.
        """
        known = self._taken.keys() | self._waiting.keys()
        found = [path for path in videos if path not in known]
        gone = [
            path
            for path in sorted(known - videos.keys())
            if not any(folder in path.parents for folder in unlistable)
        ]
        for path in gone:
            self._taken.pop(path, None)
            self._waiting.pop(path, None)
        for path, seen in videos.items():
            self._note(path, seen, now)
        return found, gone

    def take(self, now: float) -> list[Path]:
        """Return the files that are at rest, each once for each of its states."""
        resting = [
            path
            for path, waiting in self._waiting.items()
            if now - waiting.since >= self.settle_seconds and not waiting.seen.is_partial
        ]
        held = self.held(resting)
        due = [path for path in resting if path not in held]
        for path in due:
            self._taken[path] = self._waiting.pop(path).seen
        return due

    def _note(self, path: Path, seen: SeenVideo, now: float) -> None:
        waiting = self._waiting.get(path)
        if self._taken.get(path) == seen:
            self._waiting.pop(path, None)
        elif waiting is None or waiting.seen != seen:
            self._waiting[path] = _Waiting(seen, now)
