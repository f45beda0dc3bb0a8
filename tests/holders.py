"""A process of its own that holds a video of a library."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HOLDER = """
import sys
from pathlib import Path
from store.claims import Claims
with Claims(Path(sys.argv[1])).held(sys.argv[2]):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_holds(file: Path, video_id: str) -> Iterator[subprocess.Popen[bytes]]:
    """Hold a video until the process's input is closed or it is killed."""
    command = [sys.executable, "-c", HOLDER, str(file), video_id]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        yield holder
