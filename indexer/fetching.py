"""Media that lies elsewhere, brought here for as long as it is looked at.

A path is used where it is. A URL (``s3://``, ``https://``, ``file://`` and whatever else fsspec
knows) is copied into a folder first: decoding seeks back and forth, and a stage that runs again
must see the same bytes.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PosixPath, PurePosixPath, WindowsPath
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from store.errors import ConfigError, MediaNotFoundError, MediaUnreadableError

URL = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)  # one letter alone is a drive
SECRET_PARAMETER = re.compile(
    r"(^|[-_])(auth|credential|key|password|policy|secret|sig|signature|token)$", re.IGNORECASE
)


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


def shown(media: str) -> str:
    """Return what may be stored and shown of a name: a URL without what gives access.

    Example:
        >>> shown("https://me:pw@host/a.mp4?X-Amz-Date=1&X-Amz-Signature=2")
        'https://host/a.mp4'
        >>> shown("https://host/get?film=7"), shown("s3://films/a.mp4"), shown("/films/a.mp4")
        ('https://host/get?film=7', 's3://films/a.mp4', '/films/a.mp4')
    """
    if not is_url(media):
        return media
    parts = urlsplit(media)
    names = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    if any(map(SECRET_PARAMETER.search, names)):
        media = media.partition("?")[0]
    return media.replace(parts.netloc, parts.netloc.rpartition("@")[2], 1)


def shown_path(media: str) -> Path:
    """Return what reports call a file: its path, or its URL spelled as it was given."""
    return _UrlPath(shown(media)) if is_url(media) else Path(media)


class _UrlPath(WindowsPath if os.name == "nt" else PosixPath):  # type: ignore[misc]
    """A URL where a path is reported; a plain path would fold its slashes.

    Only for people to read: nothing is opened through it.
    """

    _url: str

    def __new__(cls, url: str) -> "_UrlPath":
        made: _UrlPath = super().__new__(cls, url)
        made._url = url
        return made

    @property
    def name(self) -> str:
        return name_of(self._url)

    def __str__(self) -> str:
        return self._url

    def __reduce__(self) -> tuple[type, tuple[str]]:
        return type(self), (self._url,)


def _fetch(address: str, path: Path) -> None:
    url = shown(address)
    filesystem, there = _open_filesystem(address)
    try:
        filesystem.get_file(there, str(path))
        stated = filesystem.size(there)
    except FileNotFoundError as error:
        raise MediaNotFoundError(f"{url} does not exist; check the address") from error
    except Exception as error:  # each kind of place has errors of its own
        raise MediaUnreadableError(
            f"{url} cannot be read ({_reason(error, address)}); check access to it, then index "
            "again"
        ) from error
    if not path.is_file():
        raise MediaUnreadableError(f"{url} is no file; name the files in it")
    num_bytes = path.stat().st_size
    if stated is not None and num_bytes != stated:
        raise MediaUnreadableError(
            f"{url} ended after {num_bytes:,} of {stated:,} bytes; index it again"
        )


def _open_filesystem(address: str) -> tuple[Any, str]:
    url = shown(address)
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise ConfigError(
            f"{url} is fetched with fsspec, which is not installed; `pip install 'cinedex[ray]'`"
        ) from error
    try:
        filesystem, there = url_to_fs(address)
    except (ImportError, ValueError) as error:
        raise ConfigError(f"{url} cannot be fetched: {error}") from error
    return filesystem, there


def _reason(error: Exception, address: str) -> str:
    said = str(error).replace(address, shown(address))
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
