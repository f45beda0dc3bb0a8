"""What lies in a watched folder: each video with the state of its file and of those beside it."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from indexer.discovery import VIDEO_EXTENSIONS, BrokenLinkError, walk_videos
from indexer.naming import NUM_SHOW_FOLDERS
from indexer.subtitles.sidecar_names import SEPARATORS, folded
from indexer.subtitles.sidecars import SUBTITLE_FOLDERS, SUBTITLE_SUFFIXES
from store.errors import InputError

PARTIAL_SUFFIXES = frozenset({".aria2", ".crdownload", ".download", ".filepart", ".part", ".tmp"})
"""Of files that a downloader has not finished; such a file beside a video keeps it waiting."""

COMPANION_SUFFIXES = frozenset({".nfo"}) | SUBTITLE_SUFFIXES
"""Of files beside a video that say something about it."""

SHARED_COMPANIONS = frozenset({"movie.nfo", "season.nfo", "tvshow.nfo"})
"""Names of files that say something about the videos of their folder and of the folders in it."""


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
        companions: Name, as seen from the video's folder, to state: for every file that naming or
            subtitles may read, beside the video, in folders of subtitles, and above.
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

    def note(passed: Path, error: OSError) -> None:
        if not isinstance(error, BrokenLinkError):
            unlistable[passed] = error.strerror or str(error)

    neighbours = _Neighbours()
    videos = {}
    for folder in folders:
        for path in walk_videos(folder, recursive, note):
            state = _state_of(path)
            if state is None:
                continue
            videos[path] = neighbours.joined(path, state)
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


@dataclass(frozen=True, slots=True)
class _Folder:
    """What one folder holds.

    Attributes:
        folders: Name to path of those in it that may hold files of a video of ours.
    """

    companions: Mapping[str, FileState]
    folders: Mapping[str, Path]
    num_videos: int


class _Neighbours:
    """The folders around the videos of one look, each of them listed once."""

    def __init__(self) -> None:
        self._folders: dict[Path, _Folder] = {}

    def joined(self, path: Path, state: FileState) -> SeenVideo:
        """Put a video together with its companions; rather one too many than one too few."""
        beside = self._folder(path.parent)
        own = {
            name: found
            for name, found in beside.companions.items()
            if _is_of(path, name) or name.casefold() in SHARED_COMPANIONS
        }
        is_partial = any(
            name.startswith(path.name) and _suffix(name) in PARTIAL_SUFFIXES for name in own
        )
        found = {**own, **self._above(path), **self._subtitles(path, beside)}
        return SeenVideo(state, tuple(sorted(found.items())), is_partial)

    def _above(self, path: Path) -> dict[str, FileState]:
        above = path.absolute().parent.parents[: NUM_SHOW_FOLDERS - 1]
        return {
            f"{'../' * steps}{name}": found
            for steps, folder in enumerate(above, start=1)
            for name, found in self._folder(folder).companions.items()
            if name.casefold() in SHARED_COMPANIONS
        }

    def _subtitles(self, path: Path, beside: _Folder) -> dict[str, FileState]:
        found = {}
        for name, place in beside.folders.items():
            if name.casefold() not in SUBTITLE_FOLDERS:
                continue
            folder = self._folder(place)
            for file, state in folder.companions.items():
                if beside.num_videos == 1 or _is_of(path, file):
                    found[f"{name}/{file}"] = state
            for own, inner in folder.folders.items():
                if folded(own) == folded(path.stem):
                    companions = self._folder(inner).companions
                    found |= {f"{name}/{own}/{file}": state for file, state in companions.items()}
        return found

    def _folder(self, folder: Path) -> _Folder:
        if folder not in self._folders:
            self._folders[folder] = _listed(folder)
        return self._folders[folder]


def _listed(folder: Path) -> _Folder:
    companions, folders, num_videos = {}, {}, 0
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return _Folder({}, {}, 0)
    for entry in entries:
        suffix = _suffix(entry.name)
        num_videos += suffix in VIDEO_EXTENSIONS
        if suffix in COMPANION_SUFFIXES | PARTIAL_SUFFIXES:
            state = _state_of(Path(entry.path))
            if state is not None:
                companions[entry.name] = state
        if _is_folder(entry):
            folders[entry.name] = Path(entry.path)
    return _Folder(companions, folders, num_videos)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_of(video: Path, name: str) -> bool:
    """Whether a file is named after a video."""
    stem, whole = folded(video.stem), folded(name)
    return whole.startswith(stem) and whole[len(stem) : len(stem) + 1] in SEPARATORS


def _state_of(path: Path) -> FileState | None:
    """Read a file's state; one that is gone by now, or cannot be asked, has none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return FileState(status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _suffix(name: str) -> str:
    return os.path.splitext(name)[1].casefold()
