"""The C shim that makes a disk full, tears writes and turns the clock: see ``shim.c``."""

import ctypes
import shutil
import subprocess
from enum import IntEnum
from pathlib import Path

SOURCE = Path(__file__).with_name("shim.c")


class Mode(IntEnum):
    COUNT = 1
    FULL = 2
    KILL = 3
    TORN = 4


def built(folder: Path) -> Path | None:
    """Compile the shim; ``None`` where there is no C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    library = folder / "shim.so"
    command = [compiler, "-O1", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"]
    subprocess.run(command, check=True, capture_output=True)
    return library


class Shim:
    """The shim inside a process that was started with it."""

    def __init__(self) -> None:
        self._calls = ctypes.CDLL(None)
        self._calls.faults_arm.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_long]
        for name in ("faults_calls", "faults_injected", "faults_clock_calls"):
            getattr(self._calls, name).restype = ctypes.c_long
        self._calls.faults_clock.argtypes = [ctypes.c_long]

    def arm(self, folder: Path, mode: Mode, first: int) -> None:
        self._calls.faults_arm(str(folder).encode(), int(mode), first)

    def turn_clock(self, amplitude_seconds: int) -> None:
        self._calls.faults_clock(amplitude_seconds)

    @property
    def calls(self) -> int:
        return int(self._calls.faults_calls())

    @property
    def injected(self) -> int:
        return int(self._calls.faults_injected())

    @property
    def clock_calls(self) -> int:
        return int(self._calls.faults_clock_calls())
