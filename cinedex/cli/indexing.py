"""Progress of an indexing run on stderr.

Bars with the time left on a terminal, a line for each video elsewhere.
"""

import time
from typing import TYPE_CHECKING, Protocol, Self

from cinedex.cli.output import plain, progress_console, say

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import TaskID

    from indexer.report import IndexEvent


class IndexDisplay(Protocol):
    """Listens to a run while its ``with`` block lasts."""

    @property
    def current(self) -> str:
        """Names of the videos that are being worked on; empty where there is none."""

    def __call__(self, event: "IndexEvent") -> None:
        """Take one event."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...


def indexing() -> IndexDisplay:
    """Choose the display that fits where stderr goes."""
    console = progress_console()
    return Bars(console) if console.is_terminal else Lines()


class Lines:
    """One line for each video, for logs and pipes."""

    def __init__(self) -> None:
        self._running: dict[int, str] = {}

    @property
    def current(self) -> str:
        """Names of the videos that are being worked on."""
        return ", ".join(self._running.values())

    def __call__(self, event: "IndexEvent") -> None:
        """Take one event."""
        if event.stage:
            return
        _note(self._running, event)
        reason = f": {event.message}" if event.message else ""
        say(f"[{event.video_number}/{event.num_videos}] {_name(event)} {event.state}{reason}")

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
            console=console,
        )
        self._run: TaskID | None = None
        self._running: dict[int, str] = {}
        self._num_finished = 0
        self._stages: dict[tuple[int, str], tuple[TaskID, float]] = {}

    @property
    def current(self) -> str:
        """Names of the videos that are being worked on."""
        return ", ".join(self._running.values())

    def __call__(self, event: "IndexEvent") -> None:
        """Take one event."""
        if event.stage:
            self._advance_stage(event)
        else:
            self._advance_run(event)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bars.stop()

    def _advance_run(self, event: "IndexEvent") -> None:
        if self._run is None:
            self._run = self._bars.add_task("", total=event.num_videos)
        _note(self._running, event)
        if event.state != "started":
            self._num_finished += 1
            for key in [key for key in self._stages if key[0] == event.video_number]:
                self._bars.remove_task(self._stages.pop(key)[0])
        number = self._num_finished + len(self._running)
        self._bars.update(
            self._run,
            description=f"{number}/{event.num_videos} {self.current or _name(event)}",
            completed=self._num_finished,
        )
        if event.message:
            self._bars.console.print(f"{_name(event)}: {plain(event.message)}", soft_wrap=True)

    def _advance_stage(self, event: "IndexEvent") -> None:
        if event.state == "skipped":
            self._bars.console.print(
                f"{_name(event)}: {event.stage} skipped: {plain(event.message)}", soft_wrap=True
            )
            return
        key = event.video_number, event.stage
        if key not in self._stages:
            task = self._bars.add_task("", total=event.total_seconds)
            self._stages[key] = task, time.monotonic()
        task, started = self._stages[key]
        done = event.total_seconds if event.state == "finished" else event.done_seconds
        which = _name(event) if len(self._running) > 1 else ""
        self._bars.update(
            task,
            description=stage_label(event, time.monotonic() - started, which),
            completed=done,
            total=event.total_seconds,
        )


def stage_label(event: "IndexEvent", elapsed_seconds: float, which: str = "") -> str:
    """Say of a stage how much faster than the video it is, and how full its queue is.

    Args:
        event: The latest of the stage.
        elapsed_seconds: Since its first event.
        which: Name of the video, where several are worked on.
    """
    words = [f"  {which}" if which else " ", event.stage]
    if event.done_seconds and elapsed_seconds:
        words.append(f"{event.done_seconds / elapsed_seconds:.1f}x")
    if event.queue_share is not None:
        words.append(f"queue {event.queue_share:.0%}")
    return " ".join(words)


def _note(running: dict[int, str], event: "IndexEvent") -> None:
    if event.state == "started":
        running[event.video_number] = _name(event)
    else:
        running.pop(event.video_number, None)


def _name(event: "IndexEvent") -> str:
    return plain(event.video_path.name)
