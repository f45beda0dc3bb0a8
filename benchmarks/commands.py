"""Run the command line as a user would, and measure the whole process."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KIBIBYTES_PER_GIGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Finished:
    """One run of the command line.

    Attributes:
        seconds: Wall time, process start included.
        processor_seconds: User and system time of all its threads.
        peak_gigabytes: Largest resident set of the process.
    """

    exit_code: int
    stdout: str
    stderr: str
    seconds: float
    processor_seconds: float
    peak_gigabytes: float

    def json(self) -> Any:
        """Parse what ``--json`` printed."""
        return json.loads(self.stdout)


def cinedex(
    arguments: Sequence[str], *, scratch: Path, environment: Mapping[str, str] | None = None
) -> Finished:
    """Run ``cinedex`` in a process of its own.

    Args:
        arguments: What follows ``cinedex`` on the command line.
        scratch: Folder for the captured output.
        environment: Added to this process's.
    """
    command = [sys.executable, "-m", "cinedex", *arguments]
    out_path, err_path = scratch / "stdout", scratch / "stderr"
    with out_path.open("wb") as out, err_path.open("wb") as err:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=out, stderr=err, env={**os.environ, **(environment or {})}
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    return Finished(
        exit_code=process.returncode,
        stdout=out_path.read_text(),
        stderr=err_path.read_text(),
        seconds=seconds,
        processor_seconds=usage.ru_utime + usage.ru_stime,
        peak_gigabytes=usage.ru_maxrss / KIBIBYTES_PER_GIGABYTE,
    )
