"""What lies in a watched folder: each video with the state of its file and of those beside it."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from indexer.discovery import walk_videos
from store.errors import InputError

PARTIAL_SUFFIXES = frozenset({".aria2", ".crdownload", ".download", ".filepart", ".part", ".tmp"})
"""Of files that a downloader has not finished; such a file beside a video keeps it waiting."""

COMPANION_SUFFIXES = frozenset({".ass", ".idx", ".nfo", ".srt", ".ssa", ".sub", ".vtt"})
"""Of files beside a video that say something about it."""

SHARED_COMPANIONS = frozenset({"movie.nfo", "season.nfo", "tvshow.nfo"})
"""Names of files that say something about every video of their folder and of the folders in it."""


@dataclass(frozen=True, slots=True)
class FileState:
    """What changes when a file changes.

    Attributes:
        changed_ns: When its permissions or its name last changed, where the system keeps that.
    """

    num_bytes: int
    modified_ns: int
    changed_ns: int


@dataclass(frozen=True, slots=True)
class SeenVideo:
    """A video file and its companions: equal as long as indexing would read the same.

    Attributes:
        companions: Name to state, for files beside the video that belong to it.
        is_partial: A downloader's unfinished file of the same name lies beside it.
    """

    file: FileState
    companions: tuple[tuple[str, FileState], ...] = ()
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies in the folders.

    Attributes:
        unlistable: Folder to the reason, for those that cannot be looked into.
    """

    videos: Mapping[Path, SeenVideo]
    unlistable: Mapping[Path, str]


def list_folders(folders: Iterable[Path], recursive: bool) -> Listing:
    """List the videos of folders; names follow the rules of ``indexer.discovery``."""
    unlistable: dict[Path, str] = {}

    def note(folder: Path, error: OSError) -> None:
        unlistable[folder] = error.strerror or str(error)

    neighbours: dict[Path, dict[str, FileState]] = {}
    videos = {}
    for folder in folders:
        for path in walk_videos(folder, recursive, note):
            state = _state_of(path)
            if state is None:
                continue
            for near in (path.parent, path.parent.parent):
                if near not in neighbours:
                    neighbours[near] = _companions_in(near)
            videos[path] = _with_companions(
                path, state, neighbours[path.parent], neighbours[path.parent.parent]
            )
    return Listing(videos, unlistable)


def check_folders(folders: Iterable[Path]) -> None:
    """Make sure that there is something to watch; a folder that goes away later is waited for.

    Raises:
        InputError: A path is not there, or is no folder.
    """
    for folder in folders:
        if not folder.is_dir():
            what = "is no folder" if folder.exists() else "is not there"
            raise InputError(f"{folder} {what}; name a folder to watch")


def _with_companions(
    path: Path,
    state: FileState,
    beside: Mapping[str, FileState],
    above: Mapping[str, FileState],
) -> SeenVideo:
    own = {
        name: found
        for name, found in beside.items()
        if name.startswith(f"{path.stem}.") or name.casefold() in SHARED_COMPANIONS
    }
    shared = {
        f"../{name}": found for name, found in above.items() if name.casefold() in SHARED_COMPANIONS
    }
    is_partial = any(
        name.startswith(path.name) and _suffix(name) in PARTIAL_SUFFIXES for name in own
    )
    return SeenVideo(state, tuple(sorted({**own, **shared}.items())), is_partial)


def _companions_in(folder: Path) -> dict[str, FileState]:
    found = {}
    try:
        names = os.listdir(folder)
    except OSError:
        return {}
    for name in names:
        if _suffix(name) in COMPANION_SUFFIXES | PARTIAL_SUFFIXES:
            state = _state_of(folder / name)
            if state is not None:
                found[name] = state
    return found


def _state_of(path: Path) -> FileState | None:
    """Read a file's state; one that is gone by now, or cannot be asked, has none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return FileState(status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _suffix(name: str) -> str:
    return os.path.splitext(name)[1].casefold()
