"""Run a module of this package in a process of its own and read the JSON it prints."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.store_scale.queries import VECTORS_FILE

ROOT = Path(__file__).parents[2]
PACKAGE = "benchmarks.store_scale"
NUM_OPENINGS = 3


def run_child(module: str, *arguments: object, environment: Mapping[str, str] | None = None) -> Any:
    """Run ``benchmarks.store_scale.MODULE``; its last line of output is JSON.

    Args:
        module: Its name.
        arguments: What follows on the command line.
        environment: Added to this process's.
    """
    command = [sys.executable, "-m", f"{PACKAGE}.{module}", *map(str, arguments)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def measure_opening(library: Path, queries: Path) -> dict[str, dict[str, float]]:
    """Open a library in fresh processes: its files in the disk cache, then once without."""
    library, vectors = library.resolve(), (queries / VECTORS_FILE).resolve()

    def open_once() -> dict[str, float]:
        figures: dict[str, float] = run_child("opening", library, time.time(), vectors)
        return figures

    open_once()
    runs = [open_once() for _ in range(NUM_OPENINGS)]
    figures = {"warm": {name: statistics.median(run[name] for run in runs) for name in runs[0]}}
    if drop_from_disk_cache(library):
        figures["cold"] = open_once()
    return figures


def drop_from_disk_cache(folder: Path) -> bool:
    """Ask the system to forget the files' pages; false where it cannot be asked."""
    if not hasattr(os, "posix_fadvise"):
        return False
    for path in folder.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(descriptor)
    return True
