import subprocess
import sys

import pytest

HELD_MEGABYTES = 200
CODE = f"""
from indexer.allocator import give_back
from pathlib import Path

def resident():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024

blocks = [b"x" * (100_000 + number % 2) for number in range({HELD_MEGABYTES} * 10)]
last = b"x" * 100_002  # above the others in the heap, so that it cannot shrink by itself
full = resident()
del blocks
freed = resident()
give_back()
print(full - freed, full - resident())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's /proc; glibc alone needs it")
def test_what_is_freed_below_something_held_is_given_back_when_asked_for():
    run = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    by_itself, when_asked = map(float, run.stdout.split())
    assert by_itself < HELD_MEGABYTES / 2
    assert when_asked > HELD_MEGABYTES * 0.8
