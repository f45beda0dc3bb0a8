"""Processes to be struck by faults, forked from one that has loaded everything: they start at once.

One child at a time; it writes down each state it reached, which outlives it.
"""

import base64
import json
import os
import pickle
import signal
import subprocess
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.faults.workloads import ABSENT, Work

ROOT = Path(__file__).parents[2]
NAMED_EXIT, UNNAMED_EXIT = 10, 11
MOST_SECONDS = 60.0


class Fault:
    """What strikes a process from inside; this one does not."""

    def arm(self, work: Work) -> None:
        """Set up, before the library is touched."""

    def at_boundary(self) -> None:
        """Hear that a stage begins or ends."""

    def at_state(self, state: int) -> None:
        """Hear that a state was reached, and told."""

    def report(self) -> dict[str, Any]:
        """Say what was done, where the process lived to tell."""
        return {}


@dataclass(frozen=True)
class Ended:
    """How a process ended.

    Attributes:
        exit_code: Negative where a signal ended it.
        state: The last state it reached.
        error: Name of the error's class; empty where there was none.
        error_exit_code: What the command line returns for it; ``None`` for an unnamed error.
        report: Of the fault.
    """

    exit_code: int
    state: int
    seconds: float
    error: str = ""
    error_exit_code: int | None = None
    message: str = ""
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def was_killed(self) -> bool:
        return self.exit_code == -signal.SIGKILL


class Nursery:
    """Starts processes; closed by ``close``.

    Args:
        scratch: A folder of its own.
        preload: The shim, or ``None``.
    """

    def __init__(self, scratch: Path, preload: Path | None) -> None:
        scratch.mkdir(parents=True, exist_ok=True)
        self._told = scratch / "told"
        self.log = scratch / "log"
        one = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS")}
        environment = {**os.environ, **one, "PYTHONPATH": str(ROOT)}
        if preload is not None:
            environment["LD_PRELOAD"] = str(preload)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.nursery"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment,
                cwd=ROOT,
            )
        self._child: int | None = None
        self._started = 0.0

    def start(self, work: Work, fault: Fault) -> Self:
        """Begin a run; ``wait`` ends it."""
        self._told.write_bytes(b"")
        request = base64.b64encode(pickle.dumps((work, fault, self._told))).decode()
        assert self._process.stdin is not None
        self._process.stdin.write(request + "\n")
        self._process.stdin.flush()
        pid = int(self._line())
        self._started = time.monotonic()
        try:
            self._child = os.pidfd_open(pid)
        except ProcessLookupError:
            self._child = None
        return self

    def run(self, work: Work, fault: Fault | None = None) -> Ended:
        """Run to the end."""
        return self.start(work, fault or Fault()).wait()

    def kill(self) -> None:
        """End the running child at once; nothing where it has ended by itself."""
        if self._child is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._child, signal.SIGKILL)

    def wait(self) -> Ended:
        exit_code = int(self._line())
        seconds = time.monotonic() - self._started
        if self._child is not None:
            os.close(self._child)
            self._child = None
        told = [json.loads(line) for line in self._told.read_text().splitlines()]
        states = [line["state"] for line in told if "state" in line]
        about = {key: value for line in told for key, value in line.items() if key != "state"}
        return Ended(exit_code, states[-1] if states else ABSENT, seconds, **about)

    def close(self) -> None:
        self._process.communicate("")

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the nursery is gone:\n{self.log.read_text()}")
        return line


def _serve() -> None:
    import alembic.command
    import alembic.script
    import faiss
    import PIL.Image

    import store.backends.postgresql

    try:
        import psycopg
    except ImportError:
        psycopg = None
    del alembic, faiss, PIL, psycopg, store
    for line in sys.stdin:
        work, fault, told = pickle.loads(base64.b64decode(line))
        pid = os.fork()
        if pid == 0:
            os._exit(_live(work, fault, told))
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _live(work: Work, fault: Fault, told: Path) -> int:
    from store.errors import CinedexError

    signal.alarm(int(MOST_SECONDS))
    descriptor = os.open(told, os.O_WRONLY | os.O_APPEND)

    def tell(**about: Any) -> None:
        os.write(descriptor, (json.dumps(about) + "\n").encode())

    def reached(state: int) -> None:
        tell(state=state)
        fault.at_state(state)

    exit_code = 0
    try:
        fault.arm(work)
        work.run(reached, fault.at_boundary)
    except CinedexError as error:
        tell(error=type(error).__name__, error_exit_code=error.exit_code, message=str(error))
        exit_code = NAMED_EXIT
    except BaseException as error:
        traceback.print_exc()
        tell(error=type(error).__name__, message=f"{error}")
        exit_code = UNNAMED_EXIT
    tell(report=fault.report())
    return exit_code


if __name__ == "__main__":
    _serve()
