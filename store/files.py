"""Files of a library: private to their owner, and whole or absent."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from store.errors import LibraryError, LibraryFullError

LONGEST_NAME_BESIDE = 50  # characters of a name; with what is added a file system takes it
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
PROBE_BYTES = 1 << 16


def write_atomically(path: Path, *parts: bytes) -> None:
    """Write a file of mode 0600 beside ``path``, bring it to the disk, and rename it into place."""
    with written_beside(path) as file:
        for part in parts:
            file.write(part)
    bring_to_disk(path.parent)


@contextmanager
def written_beside(path: Path) -> Iterator[BinaryIO]:
    """Give a file of mode 0600 that becomes ``path``, whole and on the disk, when the block ends.

    Where the block raises, there is none. That it has the name survives a power cut once
    ``bring_to_disk`` was called for the folder.
    """
    beside = path.with_name(f".{path.name[:LONGEST_NAME_BESIDE]}.{token_hex(4)}")
    try:
        with os.fdopen(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise


def bring_to_disk(path: Path) -> None:
    """Wait until what was written to a file, or renamed in a directory, survives a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_directory(path: Path) -> None:
    """Make a directory of mode 0700 where there is none; one that exists keeps its mode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
    if not path.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))


@contextmanager
def named_file_errors(path: Path) -> Iterator[None]:
    """Raise the store's own errors in place of the system's."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise LibraryFullError(
                f"no space left to write into {path}; free some, then run the command again"
            ) from error
        raise LibraryError(
            f"{path} cannot be used ({error}); check its place and permissions"
        ) from error


def is_full(folder: Path) -> bool:
    """Try whether a little more can be written into a folder; quotas count too."""
    probe = folder / f".probe.{token_hex(4)}"
    try:
        probe.touch(0o600, exist_ok=False)
        probe.write_bytes(bytes(PROBE_BYTES))
        bring_to_disk(probe)
    except OSError as error:
        return error.errno in _NO_SPACE
    finally:
        with suppress(OSError):
            probe.unlink()
    return False
