"""One worker process: it makes its work once, then does one task after another.

What it says goes through a pipe of its own. A queue that several processes share has a lock, and
a process that is killed while it holds the lock stops all the others.
"""

import os
import signal
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

Work = Callable[[Any, Callable[[Any], None]], Any]
"""Does a task; tells events to what it is handed; returns what came out."""


@dataclass(frozen=True, slots=True)
class Up:
    """The process runs and waits for a task."""


@dataclass(frozen=True, slots=True)
class Said:
    """An event of the running task."""

    event: Any


@dataclass(frozen=True, slots=True)
class Done:
    """The running task has come to its end."""

    result: Any


@dataclass(frozen=True, slots=True)
class Raised:
    """The running task, or making the work, raised."""

    error: Exception


class Worker:
    """A worker process as its parent sees it.

    Args:
        context: Starts processes.
        make_work: Called in the process before its first task; must be picklable.
    """

    def __init__(self, context: SpawnContext, make_work: Callable[[], Work]) -> None:
        self.connection, theirs = context.Pipe()
        self.task: Any = None
        self.is_busy = False
        self.is_up = False
        self.process: SpawnProcess = context.Process(
            target=serve, args=(theirs, make_work), daemon=True
        )
        self.process.start()
        theirs.close()

    def give(self, task: Any) -> None:
        """Hand over a task; one that is dead by now is found out when it is listened to."""
        self.task, self.is_busy = task, True
        try:
            self.connection.send(task)
        except OSError:
            return

    def listen(self) -> Up | Said | Done | Raised | None:
        """Read what the process says; ``None`` when it is dead."""
        try:
            message: Up | Said | Done | Raised = self.connection.recv()
        except (EOFError, OSError):
            return None
        if isinstance(message, Up):
            self.is_up = True
        elif not isinstance(message, Said):
            self.task, self.is_busy = None, False
        return message

    def why_dead(self) -> str:
        """Say how a dead process ended."""
        self.process.join()
        code = self.process.exitcode or 0
        if code >= 0:
            return f"its worker process ended with exit code {code}"
        hint = "; the system may have run out of memory" if -code == signal.SIGKILL else ""
        return f"its worker process was killed by signal {signal.Signals(-code).name}{hint}"

    def end(self) -> None:
        """Stop the process at once; what it kept is kept."""
        self.process.kill()
        self.process.join()
        self.connection.close()


def serve(connection: Connection, make_work: Callable[[], Work]) -> None:
    """Do tasks until the parent hangs up; the main function of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted and ends its workers
    threading.Thread(target=_end_with_parent, daemon=True).start()
    connection.send(Up())
    work: Work | None = None
    while True:
        try:
            task = connection.recv()
        except EOFError:
            return
        try:
            work = work or make_work()
            answer: Done | Raised = Done(work(task, lambda event: connection.send(Said(event))))
        except Exception as error:
            error.add_note(f"in a worker process:\n{traceback.format_exc()}")
            answer = Raised(error)
        connection.send(answer)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
