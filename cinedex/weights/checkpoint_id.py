"""What a checkpoint that a profile names is known by, before any of it is loaded."""

import re
from hashlib import blake2b
from pathlib import Path

from indexer.identity import content_id
from store.errors import MediaError, WeightsMissingError

_FILES = ("*.json", "*.safetensors", "*.txt")
_PINNED = re.compile(r".+/.+@[0-9a-f]{40}")
_SHOWN_DIGITS = 12


def checkpoint_id(place: str) -> str:
    """Name a checkpoint by its commit, or a folder by what is in its files, wherever it lies.

    Args:
        place: A folder, or ``owner/name@COMMIT`` on the model hub.

    Raises:
        WeightsMissingError: A file of the folder cannot be read.
    """
    folder = Path(place)
    if not folder.is_dir():
        return place[: -40 + _SHOWN_DIGITS] if _PINNED.fullmatch(place) else place
    digest = blake2b(digest_size=_SHOWN_DIGITS // 2)
    files = {path for pattern in _FILES for path in folder.rglob(pattern) if path.is_file()}
    for path in sorted(files):
        try:
            digest.update(f"{path.relative_to(folder).as_posix()} {content_id(path)}\n".encode())
        except MediaError as error:
            raise WeightsMissingError(str(error)) from error
    return digest.hexdigest()
