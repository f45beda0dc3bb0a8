"""Which parts of which videos may start now, and how often each has been tried."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count

from indexer.parts import Part

MAX_ATTEMPTS = 3
NEEDS: Mapping[Part, tuple[Part, ...]] = {Part.DESCRIBE: (Part.LOOK, Part.LISTEN)}


@dataclass(frozen=True, slots=True)
class PartRun:
    """One attempt at one part of one video.

    Attributes:
        attempt: Counted from 1.
        serial: Unlike that of any other attempt; a video that is given up may come again.
    """

    video_id: str
    part: Part
    attempt: int
    serial: int


@dataclass(slots=True)
class _Open:
    """A video's parts: those that wait, with the attempt to come, and those that run."""

    waiting: dict[Part, int]
    running: dict[Part, PartRun] = field(default_factory=dict)

    def is_ready(self, part: Part) -> bool:
        return part in self.waiting and not any(
            needed in self.waiting or needed in self.running for needed in NEEDS.get(part, ())
        )


class PartQueue:
    """The open parts of videos, the earliest video's first."""

    def __init__(self) -> None:
        self._open: dict[str, _Open] = {}
        self._serials = count()

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
                run = PartRun(video_id, part, video.waiting.pop(part), next(self._serials))
                video.running[part] = run
                return run
        return None

    def is_running(self, run: PartRun) -> bool:
        """Say whether a part still runs; not so where its video was given up meanwhile."""
        video = self._open.get(run.video_id)
        return video is not None and video.running.get(run.part) == run

    def finish(self, run: PartRun) -> bool:
        """Note that a part is done; return whether that was the video's last one."""
        if not self.is_running(run):
            return False
        video = self._open[run.video_id]
        del video.running[run.part]
        if video.waiting or video.running:
            return False
        del self._open[run.video_id]
        return True

    def die(self, run: PartRun) -> bool:
        """Note that a part's worker died; return whether it will be tried again."""
        if not self.is_running(run):
            return True
        video = self._open[run.video_id]
        del video.running[run.part]
        if run.attempt == MAX_ATTEMPTS:
            return False
        video.waiting[run.part] = run.attempt + 1
        return True

    def drop(self, video_id: str) -> None:
        """Give up a video; what still runs of it is no longer waited for."""
        self._open.pop(video_id, None)
