"""Progress of an indexing run on stderr.

Bars with rates and the time left on a terminal, a line for each video and minute elsewhere. Events
of several videos may come in any order, for several may be worked on at once.
"""

import time
from typing import TYPE_CHECKING, Protocol, Self

from cinedex.cli.output import plain, progress_console, say
from cinedex.wording import timecode

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console
    from rich.progress import TaskID

    from indexer.report import IndexEvent

SECONDS_BETWEEN_LINES = 60.0


class IndexDisplay(Protocol):
    """Listens to a run while its ``with`` block lasts."""

    @property
    def current(self) -> str:
        """Names of the videos that are being worked on; empty where there are none."""

    def __call__(self, event: "IndexEvent") -> None:
        """Take one event."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...


def indexing() -> IndexDisplay:
    """Choose the display that fits where stderr goes."""
    console = progress_console()
    return Bars(console) if console.is_terminal else Lines()


class Pace:
    """How fast each stage of each video goes: seconds of video a second of wall time."""

    def __init__(self) -> None:
        self._started: dict[tuple[Path, str], float] = {}

    def of(self, event: "IndexEvent") -> str:
        """Say the pace since the first event of the same stage, and how full its queue is."""
        now = time.monotonic()
        elapsed = now - self._started.setdefault((event.video_path, event.stage), now)
        words = [f"{event.done_seconds / elapsed:.1f}x"] if elapsed and event.done_seconds else []
        if event.queue_share is not None:
            words.append(f"queue {event.queue_share:.0%}")
        return " ".join(words)


class _Current:
    """The videos that are being worked on."""

    def __init__(self) -> None:
        self._names: dict[Path, str] = {}

    @property
    def current(self) -> str:
        """Their names."""
        return ", ".join(self._names.values())

    def holds(self, event: "IndexEvent") -> bool:
        """Say whether an event's video is among them."""
        return event.video_path in self._names

    def note(self, event: "IndexEvent") -> bool:
        """Take an event of a whole video; say whether the video has ended."""
        if event.state in ("started", "waiting"):
            self._names[event.video_path] = _name(event)
            return False
        self._names.pop(event.video_path, None)
        return True


class Lines:
    """One line for each video, and one a minute for what takes long: for logs and pipes."""

    def __init__(self) -> None:
        self._current = _Current()
        self._pace = Pace()
        self._said_at = time.monotonic()

    @property
    def current(self) -> str:
        """Names of the videos that are being worked on."""
        return self._current.current

    def __call__(self, event: "IndexEvent") -> None:
        """Take one event."""
        head = f"[{event.video_number}/{event.num_videos}] {_name(event)}"
        if not event.stage:
            self._current.note(event)
            reason = f": {event.message}" if event.message else ""
            say(f"{head} {event.state}{reason}")
            return
        if not self._current.holds(event):  # of a video that has been given up
            return
        pace = self._pace.of(event)
        is_due = time.monotonic() - self._said_at >= SECONDS_BETWEEN_LINES
        if event.state == "progress" and is_due:
            self._said_at = time.monotonic()
            whole = f" of {timecode(event.total_seconds)}" if event.total_seconds else ""
            say(f"{head} {event.stage} {timecode(event.done_seconds)}{whole} {pace}".rstrip())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        return


class Bars:
    """One bar for all videos and one for each stage of the videos that are being worked on."""

    def __init__(self, console: "Console") -> None:
        from rich.progress import (
            BarColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%", markup=False),
            TimeElapsedColumn(),
            TextColumn("left", markup=False),
            TimeRemainingColumn(),
            TextColumn("{task.fields[pace]}", markup=False),
            console=console,
        )
        self._current = _Current()
        self._pace = Pace()
        self._run: TaskID | None = None
        self._stages: dict[tuple[Path, str], TaskID] = {}

    @property
    def current(self) -> str:
        """Names of the videos that are being worked on."""
        return self._current.current

    def __call__(self, event: "IndexEvent") -> None:
        """Take one event."""
        if not event.stage:
            self._advance_run(event)
        elif self._current.holds(event):  # not of one that has been given up
            self._advance_stage(event)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bars.stop()

    def _advance_run(self, event: "IndexEvent") -> None:
        if self._run is None:
            self._run = self._bars.add_task("", total=event.num_videos, pace="")
        has_ended = self._current.note(event)
        self._bars.update(
            self._run,
            description=f"{event.video_number}/{event.num_videos} {_name(event)}",
            advance=int(has_ended),
        )
        if has_ended:
            for path, stage in [key for key in self._stages if key[0] == event.video_path]:
                self._bars.remove_task(self._stages.pop((path, stage)))
        if event.message:
            self._bars.console.print(f"{_name(event)}: {plain(event.message)}", soft_wrap=True)

    def _advance_stage(self, event: "IndexEvent") -> None:
        if event.state == "skipped":
            self._bars.console.print(
                f"{_name(event)}: {event.stage} skipped: {plain(event.message)}", soft_wrap=True
            )
            return
        key = (event.video_path, event.stage)
        pace = self._pace.of(event)
        if key not in self._stages:
            self._stages[key] = self._bars.add_task(
                f"  {event.stage} {_name(event)}", total=event.total_seconds, pace=pace
            )
        done = event.total_seconds if event.state == "finished" else event.done_seconds
        self._bars.update(self._stages[key], completed=done, total=event.total_seconds, pace=pace)


def _name(event: "IndexEvent") -> str:
    return plain(event.video_path.name)
