"""Progress of an indexing run on stderr.

Bars with the time left on a terminal, a line for each video elsewhere.
"""

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
        """Name of the video that is being worked on; empty before the first and after the last."""

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
        self.current = ""

    def __call__(self, event: "IndexEvent") -> None:
        """Take one event."""
        if event.stage:
            return
        self.current = _name(event) if event.state == "started" else ""
        reason = f": {event.message}" if event.message else ""
        say(f"[{event.video_number}/{event.num_videos}] {_name(event)} {event.state}{reason}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        return


class Bars:
    """One bar for all videos and one for each stage of the video that is being worked on."""

    def __init__(self, console: "Console") -> None:
        from rich.progress import (
            BarColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        self.current = ""
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
        self._stages: dict[str, TaskID] = {}

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
        finished = event.state != "started"
        self.current = "" if finished else _name(event)
        self._bars.update(
            self._run,
            description=f"{event.video_number}/{event.num_videos} {_name(event)}",
            completed=event.video_number - (not finished),
        )
        if finished:
            for task in self._stages.values():
                self._bars.remove_task(task)
            self._stages.clear()
        if event.message:
            self._bars.console.print(f"{_name(event)}: {plain(event.message)}", soft_wrap=True)

    def _advance_stage(self, event: "IndexEvent") -> None:
        if event.state == "skipped":
            self._bars.console.print(
                f"{_name(event)}: {event.stage} skipped: {plain(event.message)}", soft_wrap=True
            )
            return
        if event.stage not in self._stages:
            self._stages[event.stage] = self._bars.add_task(
                f"  {event.stage}", total=event.total_seconds
            )
        done = event.total_seconds if event.state == "finished" else event.done_seconds
        self._bars.update(self._stages[event.stage], completed=done, total=event.total_seconds)


def _name(event: "IndexEvent") -> str:
    return plain(event.video_path.name)
