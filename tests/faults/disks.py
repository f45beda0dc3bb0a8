"""Disks that are full: pretended at one call and all after it, or a real small file system.

Stated outcome: ``LibraryFullError`` (exit code 4), the library as published last; when there is
space again the work goes on. A compaction that finds no space is given up and said in the log.
"""

import os
import random
import subprocess
from pathlib import Path

from tests.faults.ground import Ground, Verdict
from tests.faults.kills import ShimFault
from tests.faults.nursery import Ended, Fault
from tests.faults.shim import Mode

FULL, FULL_EXIT_CODE = "LibraryFullError", 4
# An empty library is some 200 kB with its log, the finished one of either workload under 2 MB.
LEAST_BYTES, MOST_BYTES, ENOUGH = 40_000, 1_400_000, "64m"


def can_mount(folder: Path) -> bool:
    """Try whether a small file system may be mounted."""
    if os.geteuid() != 0:
        return False
    folder.mkdir(exist_ok=True)
    if not _mount(folder, "1m"):
        return False
    _unmount(folder)
    return True


def full_at_write(ground: Ground, place: float, chance: random.Random) -> Verdict:
    """Let a call that needs space fail, and all after it."""
    name = chance.choice(("pipeline", "publishing"))
    number = 1 + int(place * ground.undisturbed(name).counts["calls"])
    with ground.place() as folder, ground.nursery() as nursery:
        work = ground.work(name, folder / "library")
        ended = nursery.run(work, ShimFault(Mode.FULL, number))
        if not ended.report.get("injected"):
            return Verdict(f"no call failed from {number} on", has_fired=False)
        return _named_full(ended) or ground.judged(work, ended)


def full_file_system(ground: Ground, place: float, chance: random.Random) -> Verdict:
    """Fill a file system to the brim."""
    name = chance.choice(("pipeline", "publishing"))
    num_bytes = int(LEAST_BYTES + place * (MOST_BYTES - LEAST_BYTES))
    with ground.place() as folder, ground.nursery() as nursery:
        disk = folder / "disk"
        disk.mkdir()
        assert _mount(disk, str(num_bytes))
        try:
            work = ground.work(name, disk / "library")
            ended = nursery.run(work, Fault())
            if not ended.exit_code:
                return Verdict(f"{num_bytes} bytes were enough", has_fired=False)
            _mount(disk, ENOUGH, "remount,")
            return _named_full(ended) or ground.judged(work, ended)
        finally:
            _unmount(disk)


def _named_full(ended: Ended) -> Verdict | None:
    """Object to an error by another name; a run that only failed to compact goes through."""
    if not ended.exit_code or (ended.error, ended.error_exit_code) == (FULL, FULL_EXIT_CODE):
        return None
    return Verdict(ended.error, f"it is not called a full disk: {ended.error} {ended.message}")


def _mount(folder: Path, size: str, how: str = "") -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"{how}size={size}", "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _unmount(folder: Path) -> None:
    subprocess.run(["umount", "-l", str(folder)], check=True)
