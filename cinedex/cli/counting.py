"""Progress of work that is counted, on stderr: a bar on a terminal, elsewhere first and last line.

Nothing is shown of work that is done at once.
"""

import time
from typing import TYPE_CHECKING, Self

from cinedex.cli.output import progress_console, say

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE_SECONDS = 0.5


class Counting:
    """Told how many of how many are done; ends with its ``with`` block.

    Args:
        what: What is done, for the label.
        of: What is counted.
    """

    def __init__(self, what: str, of: str = "rows") -> None:
        self._what = what
        self._of = of
        self._started: float | None = None
        self._bars: Progress | None = None
        self._task: TaskID | None = None
        self._said = False

    def __call__(self, done: int, total: int) -> None:
        """Take one step."""
        if self._started is None:
            self._started = time.monotonic()
        if time.monotonic() - self._started < PATIENCE_SECONDS:
            return
        if not self._said:
            self._begin(total)
        if self._bars is not None and self._task is not None:
            self._bars.update(self._task, completed=done, total=total)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self._bars is not None:
            self._bars.stop()
        elif self._said:
            say(f"{self._what}: {'done' if kind is None else 'given up'}")

    def _begin(self, total: int) -> None:
        self._said = True
        console = progress_console()
        if not console.is_terminal:
            say(f"{self._what}: {total:,} {self._of}")
            return
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

        self._bars = Progress(
            "{task.description}",
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
        )
        self._bars.start()
        self._task = self._bars.add_task(self._what, total=total)
