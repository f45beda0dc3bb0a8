"""A catalogue's file as a file: taken alone, copied with its log, put in place of another.

What SQLite itself cannot do with a database that it will not open.
"""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from store.errors import LibraryLockedError
from store.files import bring_to_disk, named_file_errors

# Where SQLite's own locks lie; every connection in WAL mode holds a shared one while it is open.
# Source: sqlite.org, os.h, PENDING_BYTE to the end of SHARED_SIZE.
LOCK_START, LOCK_BYTES = 0x40000000, 512
LOCK_PAUSE_SECONDS = 0.05
LOG_SUFFIXES = ("-wal", "-shm")


@contextmanager
def alone(path: Path, busy_timeout_seconds: float) -> Iterator[IO[bytes]]:
    """Keep every other process out of a database, however damaged it is.

    The caller opens the file by no other way in the block: closing it would end the lock.

    Yields:
        The file, open for reading.

    Raises:
        LibraryLockedError: Another process has it open, and goes on to.
    """
    deadline = time.monotonic() + busy_timeout_seconds
    while True:
        with named_file_errors(path), path.open("r+b") as file:
            if _is_locked(file) and _is_at(file, path):
                yield file
                return
        if time.monotonic() > deadline:
            raise LibraryLockedError(
                f"another process has {path} open; end it (`cinedex serve`, `watch`, `index`), "
                "then repair again"
            )
        time.sleep(LOCK_PAUSE_SECONDS)


def _is_at(file: IO[bytes], path: Path) -> bool:
    """Say whether a file still lies there: another repair may have put a new one in its place."""
    with suppress(OSError):
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    return False


def keep_damaged(file: IO[bytes], path: Path) -> Path:
    """Copy a database and its log to the first free ``catalogue.sqlite.damaged-N``.

    Args:
        file: From ``alone``.
        path: Of that file.
    """
    number = 1
    while (kept := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    log = with_suffix(path, "-wal")
    try:
        if log.exists():  # first: a copy without its log would pass for the whole
            with log.open("rb") as written:
                _copy(written, with_suffix(kept, "-wal"))
        file.seek(0)
        _copy(file, kept)
    except BaseException:
        drop(kept)
        raise
    bring_to_disk(kept.parent)
    return kept


def put_in_place(made: Path, path: Path) -> None:
    """Rename a database that nobody has open, and has no log, over another that nobody has open."""
    bring_to_disk(made)
    for suffix in LOG_SUFFIXES:  # SQLite would play the old log into the new file
        with_suffix(path, suffix).unlink(missing_ok=True)
    bring_to_disk(path.parent)
    made.replace(path)
    bring_to_disk(path.parent)


def drop(path: Path) -> None:
    """Delete a database with its logs."""
    for suffix in (*LOG_SUFFIXES, ""):
        with_suffix(path, suffix).unlink(missing_ok=True)


def with_suffix(path: Path, suffix: str) -> Path:
    """Name the log that lies beside a database."""
    return path.with_name(path.name + suffix)


def _is_locked(file: IO[bytes]) -> bool:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, LOCK_BYTES, LOCK_START)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _copy(source: IO[bytes], to: Path) -> None:
    with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy:
        shutil.copyfileobj(source, copy, 1 << 20)
        copy.flush()
        os.fsync(copy.fileno())
