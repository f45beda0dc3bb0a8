"""Thumbnails: JPEG files named by their content, so that none is ever shown for another.

They are written before the catalogue commits and deleted after, so a crash leaves a file too many
and never one too few; the video's next publish or a forced compaction sweeps those.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from store.files import bring_to_disk, make_directory, named_file_errors, written_beside

DIGEST_BYTES = 8
# What the catalogue says is believed only where it names a file of this folder.
_NAME = re.compile(r"[A-Za-z0-9_-]+/[0-9]+-[0-9a-f]+\.jpg")
_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]+")


def thumbnail_name(video_id: str, ordinal: int, jpeg: bytes) -> str:
    """Name a clip's thumbnail, relative to the folder."""
    return f"{video_id}/{ordinal}-{blake2b(jpeg, digest_size=DIGEST_BYTES).hexdigest()}.jpg"


class ThumbnailFolder:
    """The thumbnails of one library, a folder for each video.

    Args:
        root: It exists.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def write(self, video_id: str, pictures: Iterable[tuple[int, bytes]]) -> dict[int, str]:
        """Store JPEG files.

        Args:
            video_id: Names their folder.
            pictures: Clip ordinal and file content.

        Returns:
            Clip ordinal to name, relative to the folder.

        Raises:
            LibraryFullError: No space left.
        """
        names = {}
        with named_file_errors(self._root):
            for ordinal, jpeg in pictures:
                make_directory(self._root / video_id)
                name = thumbnail_name(video_id, ordinal, jpeg)
                if not self._holds(name, jpeg):
                    with written_beside(self._root / name) as file:
                        file.write(jpeg)
                names[ordinal] = name
            if names:
                bring_to_disk(self._root / video_id)
        return names

    def read(self, names: Mapping[int, str]) -> Iterator[tuple[int, bytes]]:
        """Read the files of some clips; one that is missing is left out."""
        for ordinal, name in names.items():
            with suppress(OSError):
                if path := self.path(name):
                    yield ordinal, path.read_bytes()

    def path(self, name: str) -> Path | None:
        """Say where a thumbnail lies; ``None`` for what can be no thumbnail's name."""
        return self._root / name if _NAME.fullmatch(name) else None

    def _holds(self, name: str, jpeg: bytes) -> bool:
        with suppress(OSError):
            return (self._root / name).read_bytes() == jpeg
        return False

    def video_ids(self) -> list[str]:
        """List the videos that have a folder."""
        with suppress(OSError):
            return sorted(folder.name for folder in self._root.iterdir() if folder.is_dir())
        return []

    def drop_orphans(self, video_id: str, kept: Collection[str]) -> None:
        """Delete a video's files but ``kept``; what cannot be deleted stays, and harms nobody."""
        folder = self._root / video_id
        if not _VIDEO_ID.fullmatch(video_id) or folder.is_symlink():
            return
        with suppress(OSError):
            for file in folder.iterdir():
                if f"{video_id}/{file.name}" not in kept:
                    file.unlink(missing_ok=True)
            if not kept:
                folder.rmdir()
