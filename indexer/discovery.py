"""Which of the files that a person points at are videos."""

import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from store.errors import (
    CinedexError,
    InputError,
    MediaError,
    MediaNotFoundError,
    MediaUnreadableError,
)

# fmt: off
VIDEO_EXTENSIONS = frozenset({
    ".3g2", ".3gp", ".asf", ".avi", ".divx", ".dv", ".f4v", ".flv", ".m2ts", ".m2v", ".m4v",
    ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf", ".ogm", ".ogv", ".qt", ".rm",
    ".rmvb", ".ts", ".vob", ".webm", ".wmv",
})
# fmt: on
LEADS_NOWHERE = "is a link that leads nowhere"
_DIGITS = "0123456789"
_logger = logging.getLogger(__name__)


class BrokenLinkError(OSError):
    """A link that is named like a video leads nowhere."""


def find_videos(paths: Iterable[Path], recursive: bool = False) -> list[Path]:
    """List the videos under paths in the order given, directories in natural order, none twice.

    A file that is named is taken whatever its extension; in a directory the extension decides.
    Hidden files and directories are passed over, links are followed, and a loop of links ends.

    Args:
        paths: Files and directories.
        recursive: Look into the directories' directories too.

    Raises:
        MediaNotFoundError: A path does not exist, or a video in a directory is a broken link.
        MediaUnreadableError: A directory cannot be listed.
        InputError: A directory holds no video.
    """
    found, problems = discover(paths, recursive)
    for _, error in problems:
        raise error
    return found


def discover(
    paths: Iterable[Path], recursive: bool = False
) -> tuple[list[Path], list[tuple[Path, CinedexError]]]:
    """List the videos under paths as ``find_videos`` does, and what is wrong with other paths.

    A path that is missing or holds nothing must not keep the others from being indexed.
    """
    found: dict[str, Path] = {}
    problems: list[tuple[Path, CinedexError]] = []
    for path in paths:
        try:
            for video in _videos_at(path, recursive, problems):
                found.setdefault(os.path.realpath(video), video)
        except (InputError, MediaError) as error:
            problems.append((path, error))
    return list(found.values()), problems


def walk_videos(
    directory: Path, recursive: bool, on_passed: Callable[[Path, OSError], None]
) -> Iterator[Path]:
    """Yield the videos in a directory in natural order, by their extension.

    Args:
        directory: Where to look.
        recursive: Look into its directories too.
        on_passed: Told of each directory that cannot be listed, and with a ``BrokenLinkError`` of
            each link that leads nowhere; they are passed over.
    """
    return _walk(directory, recursive, on_passed, set())


def natural_key(text: str) -> tuple[tuple[bool, int, str], ...]:
    """Return what to sort names by so that numbers count as numbers.

    Example:
        >>> sorted(["film 10.mp4", "film 9.mp4", "Film 1.mp4"], key=natural_key)
        ['Film 1.mp4', 'film 9.mp4', 'film 10.mp4']
    """
    parts = re.findall(r"[0-9]+|[^0-9]+", text.casefold())
    return tuple(
        (part[0] not in _DIGITS, int(part) if part[0] in _DIGITS else 0, part) for part in parts
    )


def _videos_at(
    path: Path, recursive: bool, problems: list[tuple[Path, CinedexError]]
) -> list[Path]:
    if not _is_listable_directory(path):
        return [path]
    broken: list[tuple[Path, CinedexError]] = []

    def note(passed: Path, error: OSError) -> None:
        if isinstance(error, BrokenLinkError):
            broken.append((passed, _broken_link(passed)))
        else:
            _logger.warning("%s is passed over: %s", passed, error.strerror)

    videos = list(walk_videos(path, recursive, note))
    problems += broken
    if not videos and not broken:
        remedy = (
            "name another one" if recursive else "name another one, or look deeper with --recursive"
        )
        raise InputError(f"{path} holds no video; {remedy}")
    return videos


def _is_listable_directory(path: Path) -> bool:
    try:
        path.stat()
        if not path.is_dir():
            return False
        with os.scandir(path):
            return True
    except (FileNotFoundError, NotADirectoryError) as error:
        if path.is_symlink():
            raise _broken_link(path) from error
        raise MediaNotFoundError(f"{path} does not exist; check the path") from error
    except OSError as error:
        raise MediaUnreadableError(
            f"{path} cannot be read ({error.strerror}); check its permissions"
        ) from error


def _walk(
    directory: Path,
    recursive: bool,
    on_passed: Callable[[Path, OSError], None],
    visited: set[tuple[int, int]],
) -> Iterator[Path]:
    try:
        status = directory.stat()
        entries = sorted(os.scandir(directory), key=lambda entry: natural_key(entry.name))
    except OSError as error:
        on_passed(directory, error)
        return
    if (status.st_dev, status.st_ino) in visited:
        return
    visited.add((status.st_dev, status.st_ino))
    for entry in entries:
        if entry.name.startswith("."):
            continue
        path = directory / entry.name
        if path.is_dir():
            if recursive:
                yield from _walk(path, recursive, on_passed, visited)
        elif path.suffix.casefold() in VIDEO_EXTENSIONS and _leads_to_file(path, on_passed):
            yield path


def _leads_to_file(path: Path, on_passed: Callable[[Path, OSError], None]) -> bool:
    if path.is_symlink() and not path.exists():
        on_passed(path, BrokenLinkError(LEADS_NOWHERE))
    return path.is_file()


def _broken_link(path: Path) -> MediaNotFoundError:
    return MediaNotFoundError(f"{path} {LEADS_NOWHERE}; restore what it led to, or remove it")
