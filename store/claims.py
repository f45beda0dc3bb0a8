"""Who works on which video: locks on this machine that go with the process that holds them.

A claim saves work and guards nothing: results are sound whoever writes them.
"""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from store.files import named_file_errors

# A video locks one byte of the file, chosen by its id; those that share one wait for each other.
_DIGITS = 12


class Claims:
    """Claims on the videos of one library.

    A process holds one at a time, and its own exclude nobody in it. Where the file system keeps no
    locks, and on Windows, every video is free.

    Args:
        file: Empty; its bytes are locked.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def is_taken(self, video_id: str) -> bool:
        """Say whether another process of this machine holds a video."""
        with self._opened() as descriptor:
            return _lock(descriptor, video_id, waits=False)

    @contextmanager
    def held(self, video_id: str) -> Iterator[None]:
        """Hold a video while the block runs, once no other process holds it any more."""
        with self._opened() as descriptor:
            _lock(descriptor, video_id, waits=True)
            yield

    @contextmanager
    def _opened(self) -> Iterator[int]:
        with named_file_errors(self._file):
            descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            yield descriptor
        finally:
            os.close(descriptor)


def _lock(descriptor: int, video_id: str, *, waits: bool) -> bool:
    """Lock a video; return whether another process has."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        how = fcntl.LOCK_EX if waits else fcntl.LOCK_EX | fcntl.LOCK_NB
        fcntl.lockf(descriptor, how, 1, int(video_id[:_DIGITS], 16))
    except OSError as error:
        return error.errno in (errno.EAGAIN, errno.EACCES)
    return False
