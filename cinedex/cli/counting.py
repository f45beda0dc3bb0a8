"""Progress of work on one video after the other: a bar on a terminal, lines elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cinedex.cli.output import progress_console, say

LINES = 10  # of a run, whatever the number of videos


@contextmanager
def counting(what: str) -> Iterator[Callable[[int, int], None]]:
    """Give the listener that is told how many videos of how many are done."""
    console = progress_console()
    if not console.is_terminal:
        yield lambda done, total: _say_some(what, done, total)
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
    ) as bars:
        task = bars.add_task(what, total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)


def _say_some(what: str, done: int, total: int) -> None:
    if done * LINES // total > (done - 1) * LINES // total:
        say(f"{what}: {done} of {total} videos")
