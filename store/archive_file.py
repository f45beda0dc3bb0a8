"""An archive opened for reading: whatever it holds, it gives what was exported or a named error.

Nothing is unpacked to a place that the archive names. Members are read into memory, by names that
follow from the videos' ids, and only after the manifest, the zip's directory and the members agree
on names, lengths and digests.
"""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Self

from store.answers import SavedAnswer, read_saved_answer
from store.archive import (
    MANIFEST,
    MOST_BYTES,
    ArchivedVideo,
    Manifest,
    Member,
    NewerFormatError,
    method,
    read_manifest,
)
from store.errors import ArchiveError
from store.json_values import JsonObject, read_objects
from store.mark import Mark
from store.marks import read_mark
from store.packing import PackedVideo
from store.records import IndexedVideo
from store.unpacking import unpack

BLOCK_BYTES = 2**20
_IS_ENCRYPTED = 0x1
# What zipfile and zlib raise on bytes that are no zip, or not the one they were.
_BROKEN = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, EOFError),
    *(ValueError, ArithmeticError, LookupError, RuntimeError, OSError),
)


class ArchiveFile:
    """Gives what an archive holds, a video at a time; close it after.

    Args:
        path: Of the file.

    Raises:
        ArchiveError: It is missing, no archive, cut off, written by a newer cinedex, or holds
            anything that an export does not.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._named_errors("it"), ExitStack() as opened:
            self._zip = opened.enter_context(zipfile.ZipFile(path))
            self._infos = {info.filename: info for info in self._zip.infolist()}
            self._require_plain()
            self.manifest = self._read_manifest()
            self._require_listed()
            opened.pop_all()

    def video(self, entry: ArchivedVideo) -> IndexedVideo:
        """Read one video's index.

        Raises:
            ArchiveError: It is not as it was exported, or was never exported by cinedex.
        """
        with self._named_errors(f"video {entry.video_id}"):
            whole = unpack(PackedVideo(*(self._content(member) for member in entry.members)))
            if whole.video.video_id != entry.video_id:
                raise ValueError(f"it holds video {whole.video.video_id}")
            return whole

    def answers(self) -> Iterator[SavedAnswer]:
        """Read the answers in the order they were given.

        Raises:
            ArchiveError: As for ``video``.
        """
        with self._named_errors("the list of answers"):
            yield from map(read_saved_answer, self._lines(self.manifest.answers))

    def marks(self) -> Iterator[Mark]:
        """Read the marks, oldest first.

        Raises:
            ArchiveError: As for ``video``.
        """
        with self._named_errors("the list of marks"):
            yield from map(read_mark, self._lines(self.manifest.marks))

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _require_plain(self) -> None:
        """Check the zip's directory: plain files with a name each, no longer than they may be."""
        if len(self._infos) < len(self._zip.infolist()):
            raise ValueError("a member stands in it twice")
        for info in self._infos.values():
            if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
                raise ValueError(f"{info.filename!r} is no plain file")
            file_name = info.filename.rpartition("/")[2]
            if file_name not in MOST_BYTES:
                raise ValueError(f"{info.filename!r} does not belong in an archive")
            if info.flag_bits & _IS_ENCRYPTED or info.compress_type != method(file_name):
                raise ValueError(f"{info.filename!r} is encrypted or packed in another way")
            if info.file_size > MOST_BYTES[file_name]:
                raise ValueError(f"{info.filename!r} is too long ({info.file_size} bytes)")

    def _read_manifest(self) -> Manifest:
        try:
            with self._zip.open(MANIFEST) as stream:
                return read_manifest(stream.read())
        except NewerFormatError as error:
            raise ArchiveError(
                f"{self.path} was written by a newer cinedex ({error}); upgrade cinedex"
            ) from error

    def _require_listed(self) -> None:
        listed = {member.name: member.num_bytes for member in self.manifest.members}
        found = {name: info.file_size for name, info in self._infos.items() if name != MANIFEST}
        if strangers := sorted(found.keys() - listed.keys()):
            raise ValueError(f"its manifest does not list {strangers[0]!r}")
        for name, num_bytes in listed.items():
            if found.get(name) != num_bytes:
                raise ValueError(f"{name!r} is missing or not {num_bytes} bytes long")

    def _lines(self, member: Member | None) -> Iterator[JsonObject]:
        """Read a member of one object a line; where it was not exported there are none."""
        if member is None:
            return
        for _ in self._blocks(member):
            pass  # to know the digest before anything is given out
        with self._zip.open(self._infos[member.name]) as stream:
            yield from read_objects(stream)

    def _content(self, member: Member) -> bytes:
        return b"".join(self._blocks(member))

    def _blocks(self, member: Member) -> Iterator[bytes]:
        """Read a member; what was given out is good when the last block was."""
        digest, num_bytes = sha256(), 0
        with self._zip.open(self._infos[member.name]) as stream:
            while block := stream.read(BLOCK_BYTES):
                digest.update(block)
                num_bytes += len(block)
                if num_bytes > member.num_bytes:
                    break
                yield block
        if num_bytes != member.num_bytes or digest.hexdigest() != member.sha256:
            raise ValueError(f"{member.name!r} is not what was exported")

    @contextmanager
    def _named_errors(self, what: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise ArchiveError(f"no archive at {self.path}; name one that is there") from error
        except _BROKEN as error:
            raise ArchiveError(
                f"{self.path} is no sound archive: {what} cannot be read ({error}); "
                "copy it again, or export the library again"
            ) from error
