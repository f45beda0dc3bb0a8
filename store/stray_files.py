"""Files of a library that do not fit its catalogue: pictures, and what killed runs left beside."""

import re
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from store.layout import Layout
from store.thumbnails import DIGEST_BYTES, ThumbnailFolder

MISSING, CHANGED = "is missing", "is not the picture that was written"
FOREIGN = "is no name of a thumbnail"

# A run that is under way writes files that nothing names yet.
YOUNG_SECONDS = 3600.0
# Names that files are written under first; a person's own dot files are not ours to delete.
_BESIDE = {
    "": re.compile(r"\.(library\.toml|catalogue\.sqlite)\..+"),
    "vectors": re.compile(r"\..+\.vectors\..+"),
    "thumbnails": re.compile(r"\..+\.jpg\..+"),
}
_CONTENT = re.compile(r"-([0-9a-f]+)\.jpg$")


def stray_files(layout: Layout, named: Collection[str] | None) -> Iterator[Path]:
    """Find files that nothing names and nobody is writing.

    Args:
        layout: Of the library.
        named: Thumbnails that a clip names; ``None`` where that is not known.
    """
    for folder, pattern in _BESIDE.items():
        here = layout.root / folder
        files = here.glob("*/*") if folder == "thumbnails" else here.glob("*")
        for file in sorted(files):
            if pattern.fullmatch(file.name) and _is_old(file):
                yield file
    if named is None:
        return
    for file in sorted(layout.thumbnails.glob("*/*.jpg")):
        name = f"{file.parent.name}/{file.name}"
        if not file.name.startswith(".") and name not in named and _is_old(file):
            yield file


def picture_problem(folder: Path, name: str) -> str | None:
    """Say what is wrong with a thumbnail; ``None`` where it is there and as it was written.

    Args:
        folder: Of all thumbnails.
        name: Relative to it; it ends in a digest of the content.
    """
    path = ThumbnailFolder(folder).path(name)
    if path is None:
        return FOREIGN
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return MISSING
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    stated = _CONTENT.search(name)
    if stated and blake2b(content, digest_size=DIGEST_BYTES).hexdigest() != stated[1]:
        return CHANGED
    return None


def delete(files: Collection[Path]) -> None:
    """Delete files, and folders of thumbnails that are empty then."""
    for file in files:
        with suppress(OSError):
            file.unlink()
        with suppress(OSError):
            if file.suffix == ".jpg" or ".jpg." in file.name:
                file.parent.rmdir()


def disk_use(root: Path) -> tuple[int, int]:
    """Count the files below a directory, and their bytes."""
    num_files = num_bytes = 0
    for file in root.rglob("*"):
        with suppress(OSError):
            if file.is_file():
                num_files += 1
                num_bytes += file.stat().st_size
    return num_files, num_bytes


def _is_old(file: Path) -> bool:
    with suppress(OSError):
        return file.is_file() and time.time() - file.stat().st_mtime > YOUNG_SECONDS
    return False
