"""One indexing run of a film, its memory read every second."""

import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

EVERY_SECONDS = 1.0
KIBIBYTES_PER_MEGABYTE = 1024


@dataclass(frozen=True, slots=True)
class MemoryRun:
    """What one run of the command held.

    Attributes:
        film_seconds: Length of the film.
        seconds: Wall time of the process.
        processor_seconds: User and system time.
        peak_megabytes: Largest resident set, as the system counted it.
        samples: Seconds since the start and resident megabytes.
    """

    film_seconds: float
    seconds: float
    processor_seconds: float
    peak_megabytes: float
    samples: tuple[tuple[float, float], ...]

    def summary(self) -> dict[str, Any]:
        """Give the figures without the samples."""
        half = [megabytes for seconds, megabytes in self.samples if seconds > self.seconds / 2]
        figures = asdict(self)
        del figures["samples"]
        return {
            **figures,
            "peak_of_first_half_megabytes": max(
                megabytes for seconds, megabytes in self.samples if seconds <= self.seconds / 2
            ),
            "peak_of_second_half_megabytes": max(half),
            "times_realtime": self.film_seconds / self.seconds,
        }


def index_film(film: Path, film_seconds: float, library: Path) -> MemoryRun:
    """Index a film into a new library in a process of its own.

    Raises:
        RuntimeError: The command failed.
    """
    command = [sys.executable, "-m", "cinedex", "--library", str(library), "index", str(film)]
    errors = library.with_suffix(".stderr")
    samples: list[tuple[float, float]] = []
    with errors.open("wb") as written:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=written)
        while True:
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
            seconds = time.perf_counter() - started
            if ended:
                break
            samples.append((seconds, resident_megabytes(process.pid)))
            time.sleep(EVERY_SECONDS)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"cinedex index {film} failed:\n{errors.read_text()}")
    return MemoryRun(
        film_seconds,
        seconds,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss / KIBIBYTES_PER_MEGABYTE,
        tuple(samples),
    )


def resident_megabytes(pid: int) -> float:
    """Read how much of a process is in memory; 0 once it has ended."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / KIBIBYTES_PER_MEGABYTE
    return 0.0
