"""Which parts of which videos may start now, and how often each has been tried."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from indexer.parts import Part

MAX_ATTEMPTS = 3
NEEDS: Mapping[Part, tuple[Part, ...]] = {Part.DESCRIBE: (Part.LOOK, Part.LISTEN)}


@dataclass(frozen=True, slots=True)
class PartRun:
    """One attempt at one part of one video, counted from 1."""

    video_id: str
    part: Part
    attempt: int


@dataclass(slots=True)
class _Open:
    """A video's parts: those that wait, with the attempt to come, and those that run."""

    waiting: dict[Part, int]
    running: set[Part] = field(default_factory=set)

    def is_ready(self, part: Part) -> bool:
        return part in self.waiting and not any(
            needed in self.waiting or needed in self.running for needed in NEEDS.get(part, ())
        )


class PartQueue:
    """The open parts of videos, the earliest video's first."""

    def __init__(self) -> None:
        self._open: dict[str, _Open] = {}

    @property
    def num_waiting(self) -> int:
        """How many parts wait, for a worker or for another part."""
        return sum(len(video.waiting) for video in self._open.values())

    def add(self, video_id: str, parts: Iterable[Part]) -> None:
        """Take up a video.

        Raises:
            ValueError: It is there already.
        """
        if video_id in self._open:
            raise ValueError(f"{video_id} is under way already")
        self._open[video_id] = _Open(dict.fromkeys(parts, 1))

    def start(self, part: Part) -> PartRun | None:
        """Start a part of this kind whose inputs have all been found; ``None`` if there is none."""
        for video_id, video in self._open.items():
            if video.is_ready(part):
                video.running.add(part)
                return PartRun(video_id, part, video.waiting.pop(part))
        return None

    def finish(self, run: PartRun) -> bool:
        """Note that a part is done; return whether that was the video's last one."""
        video = self._open.get(run.video_id)
        if video is None:  # given up meanwhile
            return False
        video.running.discard(run.part)
        if video.waiting or video.running:
            return False
        del self._open[run.video_id]
        return True

    def die(self, run: PartRun) -> bool:
        """Note that a part's worker died; return whether it will be tried again."""
        video = self._open.get(run.video_id)
        if video is None:
            return True
        video.running.discard(run.part)
        if run.attempt == MAX_ATTEMPTS:
            return False
        video.waiting[run.part] = run.attempt + 1
        return True

    def drop(self, video_id: str) -> None:
        """Give up a video; what still runs of it is no longer waited for."""
        self._open.pop(video_id, None)
