"""What a video is known by: its content, so that a moved or renamed file stays the same video."""

from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

from store.errors import MediaNotFoundError, MediaUnreadableError

_DIGEST_BYTES = 16
_BLOCK_BYTES = 64 * 1024
_NUM_BLOCKS = 64


def content_id(path: Path) -> str:
    """Return 32 hex digits made of a file's size and of 64 blocks of 64 KiB spread over it.

    The first and the last block are always among them; a file of 4 MiB or less is read whole. Two
    large files of equal size that differ only between blocks are taken for one.

    Raises:
        MediaNotFoundError: There is no such file.
        MediaUnreadableError: No permission, a directory, or the disk fails.
    """
    try:
        with path.open("rb") as file:
            return _digest(file)
    except FileNotFoundError as error:
        raise MediaNotFoundError(f"{path} does not exist; check the path") from error
    except OSError as error:
        raise MediaUnreadableError(
            f"{path} cannot be read ({error.strerror}); check its permissions and the disk"
        ) from error


def _digest(file: BinaryIO) -> str:
    file_bytes = file.seek(0, 2)
    digest = blake2b(file_bytes.to_bytes(8, "little"), digest_size=_DIGEST_BYTES)
    for offset in _block_offsets(file_bytes):
        file.seek(offset)
        digest.update(file.read(_BLOCK_BYTES))
    return digest.hexdigest()


def _block_offsets(file_bytes: int) -> list[int]:
    if file_bytes <= _NUM_BLOCKS * _BLOCK_BYTES:
        return list(range(0, file_bytes, _BLOCK_BYTES))
    last_offset = file_bytes - _BLOCK_BYTES
    return [number * last_offset // (_NUM_BLOCKS - 1) for number in range(_NUM_BLOCKS)]


def file_digest(path: Path) -> str:
    """Digest all bytes of a small file, such as subtitles.

    Raises:
        MediaUnreadableError: It cannot be read.
    """
    try:
        return blake2b(path.read_bytes(), digest_size=16).hexdigest()
    except OSError as error:
        raise MediaUnreadableError(
            f"{path} cannot be read ({error.strerror}); check its permissions"
        ) from error
