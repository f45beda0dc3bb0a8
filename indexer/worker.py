"""One worker process: it makes its work once, then does one task after another.

What it says goes through a pipe of its own. A queue that several processes share has a lock, and
a process that is killed while it holds the lock stops all the others.
"""

import os
import pickle
import signal
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnContext, SpawnProcess
from types import FrameType
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

    def ask_to_end(self) -> None:
        """Have the process end soon: it keeps what its task has found so far."""
        self.connection.close()
        if self.is_busy:
            self.process.terminate()

    def end(self, patience_seconds: float) -> None:
        """Wait for the process to end, and end it where it takes too long."""
        self.process.join(patience_seconds)
        self.process.kill()
        self.process.join()


def serve(connection: Connection, make_work: Callable[[], Work]) -> None:
    """Do tasks until the parent hangs up; the main function of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted and ends its workers
    signal.signal(signal.SIGTERM, _end)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    voice = _Voice(connection)
    voice.say(Up())
    work: Work | None = None
    while True:
        try:
            task = connection.recv()
        except (EOFError, OSError):
            return
        try:
            work = work or make_work()
            voice.say(Done(work(task, lambda event: voice.say(Said(event)))))
        except Exception as error:
            error.add_note(f"in a worker process:\n{traceback.format_exc()}")
            voice.say(Raised(_sendable(error)))


class _Voice:
    """What a process says to its parent; the threads of a task may all speak."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def say(self, message: Up | Said | Done | Raised) -> None:
        """Say something; without a parent there is nothing left to do.

        Raises:
            Exception: The message cannot be pickled; nothing was said.
        """
        packed = pickle.dumps(message)
        try:
            with self._lock:
                self._connection.send_bytes(packed)
        except OSError:
            raise SystemExit from None


def _sendable(error: Exception) -> Exception:
    """Return an error as it is, or where it cannot be sent, one that says the same."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # whatever the error's own class raises
        told = RuntimeError(f"{type(error).__name__}: {error}")
        for note in error.__notes__:
            told.add_note(note)
        return told
    return error


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
