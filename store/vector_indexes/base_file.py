"""The immutable file of one space's vectors: index, columns, and a stamp that says what it is.

    faiss index | columns, 64 bytes apart | stamp as JSON | its length | SHA-256 of all before | end

The index comes first because faiss maps files from their beginning. The digest is checked before
anything is believed, at some 1.8 GB/s where the processor helps, so a file that is torn, truncated
or flipped in one bit is not used. Which rows are alive is not the file's business: the catalogue
says which publications there are, and the rows of others are not seen.
"""

import fcntl
import json
import logging
import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from store.files import bring_to_disk
from store.vector_indexes.faiss_index import FaissIndex
from store.vector_indexes.rows import COLUMN_TYPES, VectorColumns

END = b"cinedex vectors 2\n"
LENGTH_BYTES, DIGEST_BYTES, ALIGNMENT = 8, 32, 64
TAIL_BYTES = LENGTH_BYTES + DIGEST_BYTES + len(END)
BYTES_PER_READ = 1 << 24

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class VectorStamp:
    """What a file says it holds.

    Attributes:
        generation: Of the catalogue when the file was made; for people.
        ef_search: Candidates that a search of its graph keeps; 0 where it has none.
        refused_rows: With how many vectors a graph was found wanting; 0 where none was.
    """

    space_id: str
    encoder_id: str
    dimension: int
    generation: int
    ef_search: int = 0
    refused_rows: int = 0

    def is_of(self, space_id: str, encoder_id: str, dimension: int) -> bool:
        """Say whether it is of this space."""
        return (self.space_id, self.encoder_id, self.dimension) == (space_id, encoder_id, dimension)


@dataclass(frozen=True, slots=True, eq=False)
class VectorBase:
    """A file that was found whole, ready to be searched.

    Attributes:
        columns: Of every row in the index, by position.
        publications: Sorted; of the videos that the file knows, those without vectors too.
        identity: Of the file on disk, to notice that another took its place.
    """

    stamp: VectorStamp
    index: FaissIndex
    columns: VectorColumns
    publications: NDArray[np.int64]
    identity: tuple[int, ...]


def save(
    path: Path,
    stamp: VectorStamp,
    index: FaissIndex,
    columns: VectorColumns,
    publications: NDArray[np.int64],
) -> None:
    """Write a file beside ``path``, bring it to the disk and rename it into place."""
    beside = path.with_name(f".{path.name}.{token_hex(4)}")
    try:
        os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        index.write(beside)
        with beside.open("r+b") as file:
            file.seek(0, os.SEEK_END)
            arrays = {name: getattr(columns, name) for name in COLUMN_TYPES}
            places = {
                name: _append(file, values)
                for name, values in {**arrays, "publications": publications}.items()
            }
            about = {**asdict(stamp), "words": columns.words, "places": places}
            written = json.dumps(about).encode()
            file.write(written + len(written).to_bytes(LENGTH_BYTES, "little"))
            file.flush()
            file.seek(0)
            digest = _digest(file, file.seek(0, os.SEEK_END))
            file.write(digest + END)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        bring_to_disk(path.parent)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise


def load(path: Path) -> VectorBase | None:
    """Map a file; ``None`` where it is missing, torn or not one of ours."""
    try:
        with path.open("rb") as file:
            identity = _identity(os.fstat(file.fileno()))
            about = _read_stamp(file, is_checked=True)
            stamp = None if about is None else _stamp_of(about)
            if about is None or stamp is None:
                return None
            index = FaissIndex.read(path, mapped=True)
            if identity_of(path) != identity:  # another took its place meanwhile
                return None
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError, RuntimeError):
        return None
    places, words = about.pop("places"), tuple(about.pop("words"))
    kinds = {**COLUMN_TYPES, "publications": "<i8"}
    arrays: dict[str, Any] = {
        name: np.frombuffer(mapped, kind, count=places[name][1], offset=places[name][0])
        for name, kind in kinds.items()
    }
    publications = arrays.pop("publications")
    columns = VectorColumns(**arrays, words=words)
    if len(columns) != index.num_rows:
        return None
    index.ef_search = stamp.ef_search or index.ef_search
    return VectorBase(stamp, index, columns, publications, identity)


def read_stamp(path: Path) -> VectorStamp | None:
    """Read what a file says it is, without believing it."""
    try:
        with path.open("rb") as file:
            about = _read_stamp(file, is_checked=False)
    except (OSError, ValueError):
        return None
    if about is None:
        return None
    return _stamp_of(about)


def is_whole(path: Path) -> bool:
    """Say whether a file is one of ours and its digest is right."""
    try:
        with path.open("rb") as file:
            return _read_stamp(file, is_checked=True) is not None
    except (OSError, ValueError):
        return False


def identity_of(path: Path) -> tuple[int, ...] | None:
    """Tell one file of this name from another; ``None`` where there is none."""
    try:
        about = path.stat()
    except OSError:
        return None
    return _identity(about)


@contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Let one process at a time replace the files of a folder; the others are told ``False``."""
    try:
        descriptor = os.open(folder / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:  # only searching is slower for it
        _logger.warning("the vector files in %s cannot be written: %s", folder, error)
        yield False
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def _stamp_of(about: dict[str, Any]) -> VectorStamp | None:
    """Read a stamp; ``None`` where another cinedex wrote other things into it."""
    try:
        return VectorStamp(**{name: about[name] for name in VectorStamp.__slots__})
    except KeyError:
        return None


def _identity(about: os.stat_result) -> tuple[int, ...]:
    return about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns


def _append(file: IO[bytes], values: NDArray[Any]) -> tuple[int, int]:
    file.write(bytes(-file.tell() % ALIGNMENT))
    start = file.tell()
    file.write(np.ascontiguousarray(values).data)
    return start, len(values)


def _read_stamp(file: IO[bytes], *, is_checked: bool) -> dict[str, Any] | None:
    num_bytes = file.seek(0, os.SEEK_END)
    if num_bytes < TAIL_BYTES:
        return None
    file.seek(-TAIL_BYTES, os.SEEK_END)
    tail = file.read(TAIL_BYTES)
    length = int.from_bytes(tail[:LENGTH_BYTES], "little")
    digest, end = tail[LENGTH_BYTES : LENGTH_BYTES + DIGEST_BYTES], tail[-len(END) :]
    start = num_bytes - TAIL_BYTES - length
    if end != END or start < 0:
        return None
    if is_checked and _digest(file, num_bytes - DIGEST_BYTES - len(END)) != digest:
        return None
    file.seek(start)
    about = json.loads(file.read(length))
    return about if isinstance(about, dict) else None


def _digest(file: IO[bytes], num_bytes: int) -> bytes:
    digest = sha256()
    file.seek(0)
    while num_bytes and (read := file.read(min(BYTES_PER_READ, num_bytes))):
        digest.update(read)
        num_bytes -= len(read)
    return digest.digest()
