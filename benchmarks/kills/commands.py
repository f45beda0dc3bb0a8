"""One ``cinedex index`` after another on one library, some of them struck while they run."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
# One thread in each library: sums in one order, and little in the way of others.
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
LOOK_EVERY_SECONDS = 0.005


@dataclass(frozen=True)
class Ended:
    """How one run ended.

    Attributes:
        exit_code: Negative where a signal ended it.
        seconds: Wall time since it began with the film; 0 where it never did.
        end_seconds: Of those, after it was struck.
        work_seconds: Processor time of all its processes: other than wall time, it says how much
            was done on a busy machine too.
        errors: What it wrote on stderr.
        result: Of the film, as ``--json`` says; empty where it was struck.
    """

    exit_code: int
    seconds: float
    end_seconds: float
    work_seconds: float
    errors: str
    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Command:
    """``cinedex index`` of one film into one library.

    Attributes:
        film: To be indexed.
        library: Directory; made by the first run.
        scratch: Folder for what the processes write.
        versions: Stages that are of another version, as after an upgrade.
    """

    film: Path
    library: Path
    scratch: Path
    versions: Mapping[str, int] = field(default_factory=dict)

    def run(self) -> Ended:
        """Run to the end."""
        return self.strike(signal.SIGKILL, None)

    def strike(self, number: signal.Signals, after_seconds: float | None) -> Ended:
        """Send a signal to the whole group of processes.

        Args:
            number: Of the signal.
            after_seconds: Since the run began with the film; ``None`` sends nothing.
        """
        out, errors = self.scratch / "stdout", self.scratch / "stderr"
        with out.open("wb") as stdout, errors.open("wb") as stderr:
            process = subprocess.Popen(
                [*self._launcher(), "index", str(self.film), "--json"],
                stdout=stdout,
                stderr=stderr,
                env={**os.environ, **ONE_THREAD, "PYTHONPATH": str(ROOT)},
                cwd=ROOT,
                start_new_session=True,
            )
        began = struck = self._wait_for_film(process, errors)
        if after_seconds is not None:
            while time.monotonic() < began + after_seconds and _is_running(process.pid):
                time.sleep(LOOK_EVERY_SECONDS)
            if _is_running(process.pid):
                struck = time.monotonic()
                os.killpg(process.pid, number)
        _, status, usage = os.wait4(process.pid, 0)
        ended = time.monotonic()
        exit_code = process.returncode = os.waitstatus_to_exitcode(status)
        printed = out.read_text("utf-8")
        result = json.loads(printed)["results"][0] if printed and exit_code in (0, 6) else {}
        work_seconds = usage.ru_utime + usage.ru_stime
        said = errors.read_text("utf-8")
        return Ended(exit_code, ended - began, ended - struck, work_seconds, said, result)

    def check(self) -> str:
        """Run ``cinedex check``; say what it finds wrong, empty where nothing is."""
        done = subprocess.run(
            [*self._launcher(), "check"], capture_output=True, text=True, cwd=ROOT, check=False
        )
        return f"{done.stdout}{done.stderr}" if done.returncode else ""

    def _launcher(self) -> list[str]:
        module = [sys.executable, "-m", "benchmarks.kills.hurried", json.dumps(self.versions)]
        return [*module, "--library", str(self.library)]

    def _wait_for_film(self, process: "subprocess.Popen[bytes]", errors: Path) -> float:
        """Wait until a run begins with the film, and say when that was."""
        line = f"{self.film.name} started"
        while _is_running(process.pid) and line not in errors.read_text("utf-8", "replace"):
            time.sleep(LOOK_EVERY_SECONDS)
        return time.monotonic()


def _is_running(pid: int) -> bool:
    """Say whether a child has not ended yet; its end stays to be waited for."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
