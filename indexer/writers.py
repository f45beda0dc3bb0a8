"""Which files some process of this machine still writes, as far as ``/proc`` tells."""

import os
from collections.abc import Iterable
from pathlib import Path

PROC = Path("/proc")
WRITING = (os.O_WRONLY, os.O_RDWR)


def held_for_writing(paths: Iterable[Path], proc: Path = PROC) -> frozenset[Path]:
    """Return those of the paths that a process holds open for writing.

    A system without ``/proc``, a process of another user and a writer on another machine are not
    seen: that a file is not named here proves nothing.

    Args:
        paths: Files, as they are named; links are followed.
        proc: Where the kernel shows its processes.
    """
    wanted = {os.path.realpath(path): path for path in paths}
    if not wanted:
        return frozenset()
    held = set()
    for descriptors in proc.glob("[0-9]*/fd"):
        for descriptor, target in _targets(descriptors):
            if target in wanted and _writes(descriptors.parent / "fdinfo" / descriptor):
                held.add(wanted[target])
    return frozenset(held)


def _targets(descriptors: Path) -> Iterable[tuple[str, str]]:
    """Read what each descriptor of a process points at; one that ends meanwhile has none."""
    try:
        names = os.listdir(descriptors)
    except OSError:
        return
    for name in names:
        try:
            yield name, os.readlink(descriptors / name)
        except OSError:
            continue


def _writes(information: Path) -> bool:
    try:
        lines = information.read_text().splitlines()
    except OSError:
        return False
    flags = next((line.split()[1] for line in lines if line.startswith("flags:")), "0")
    return int(flags, 8) & os.O_ACCMODE in WRITING
