"""Media that lies elsewhere, brought here for as long as it is looked at.

A path is used where it is. A URL (``s3://``, ``https://``, ``file://`` and whatever else fsspec
knows) is copied into a folder first: decoding seeks back and forth, and a stage that runs again
must see the same bytes.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote, urlsplit

from store.errors import ConfigError, MediaNotFoundError, MediaUnreadableError

URL = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)  # one letter alone is a drive


def is_url(media: str) -> bool:
    r"""Whether a name is that of a place that fsspec reads.

    Example:
        >>> is_url("s3://films/a.mp4"), is_url("/films/a.mp4"), is_url(r"D:\films\a.mp4")
        (True, False, False)
    """
    return URL.match(media) is not None


@contextmanager
def local_copy(media: str | Path, folder: Path) -> Iterator[Path]:
    """Give the path under which media can be read while the ``with`` block lasts.

    Args:
        media: A path, which is given as it is, or a URL, whose content is copied.
        folder: Where a copy lies; it is removed at the end of the block.

    Raises:
        MediaNotFoundError: There is nothing under the URL.
        MediaUnreadableError: It cannot be read, or ended before its stated size.
        ConfigError: No installed package reads URLs of this kind.
    """
    if isinstance(media, Path) or not is_url(media):
        yield Path(media)
        return
    folder.mkdir(parents=True, exist_ok=True)
    # In a folder of its own: the name says the title, and two may fetch the same film.
    with TemporaryDirectory(prefix="fetched-", dir=folder) as own:
        copy = Path(own) / name_of(media)
        _fetch(media, copy)
        yield copy


def name_of(url: str) -> str:
    """Return the file name in a URL; what tells episodes apart is read from it.

    Example:
        >>> name_of("https://host/films/Show%20S01E02.mkv?signature=x")
        'Show S01E02.mkv'
    """
    name = PurePosixPath(unquote(urlsplit(url).path)).name
    return name if name not in ("", "..") else "media"


def _fetch(url: str, path: Path) -> None:
    filesystem, there = _open_filesystem(url)
    try:
        filesystem.get_file(there, str(path))
        stated = filesystem.size(there)
    except FileNotFoundError as error:
        raise MediaNotFoundError(f"{url} does not exist; check the address") from error
    except Exception as error:  # each kind of place has errors of its own
        raise MediaUnreadableError(
            f"{url} cannot be read ({_reason(error)}); check access to it, then index again"
        ) from error
    if not path.is_file():
        raise MediaUnreadableError(f"{url} is no file; name the files in it")
    num_bytes = path.stat().st_size
    if stated is not None and num_bytes != stated:
        raise MediaUnreadableError(
            f"{url} ended after {num_bytes:,} of {stated:,} bytes; index it again"
        )


def _open_filesystem(url: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise ConfigError(
            f"{url} is fetched with fsspec, which is not installed; `pip install 'cinedex[ray]'`"
        ) from error
    try:
        filesystem, there = url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise ConfigError(f"{url} cannot be fetched: {error}") from error
    return filesystem, there


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
