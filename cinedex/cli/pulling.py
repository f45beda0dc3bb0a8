"""Progress of a pull on stderr: bars on a terminal, a line for each step elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cinedex.cli.output import progress_console, say

if TYPE_CHECKING:
    from cinedex.weights import PullProgress


@contextmanager
def pulling() -> "Iterator[Callable[[PullProgress], None]]":
    """Give the listener of a pull; what it shows ends with the block."""
    console = progress_console()
    if not console.is_terminal:
        said: set[tuple[str, str]] = set()
        yield lambda step: _say_once(step, said)
        return
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TaskID,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
    ) as bars:
        tasks: dict[str, TaskID] = {}

        def advance(step: "PullProgress") -> None:
            if step.model not in tasks:
                tasks[step.model] = bars.add_task(step.model, total=step.total_bytes or None)
            done = step.done_bytes if step.total_bytes else None
            bars.update(
                tasks[step.model], description=f"{step.model}: {step.stage}", completed=done
            )

        yield advance


def _say_once(step: "PullProgress", said: set[tuple[str, str]]) -> None:
    key = (step.model, step.stage)
    if key not in said:
        said.add(key)
        say(f"{step.model}: {step.stage}")
