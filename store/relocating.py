"""Folders of media that were moved: the paths that the catalogue knows, written anew.

Paths are strings here, not files: a library may know paths of another machine, or of another kind
of machine, and names that this one cannot decode.
"""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from store.errors import InputError
from store.tables import VideoRow

_WINDOWS = re.compile(r"[A-Za-z]:([\\/]|$)|\\\\")
_HALVES = re.compile(r"((?:[^=]|==)*)=((?:[^=]|==)*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PathMap:
    r"""A folder that was moved; whole names count, so ``/a/b`` says nothing of ``/a/bc``.

    Attributes:
        old: Where it was; an absolute path of POSIX, or one of Windows, which begins with a drive
            or ``\\``.
        new: Where it is.

    Raises:
        InputError: Either is not absolute.

    Example:
        >>> PathMap("D:\\films", "/films").moved("D:\\films\\a\\b.mp4")
        '/films/a/b.mp4'
    """

    old: str
    new: str

    def __post_init__(self) -> None:
        for path in (self.old, self.new):
            if "\0" in path or not (path.startswith("/") or _is_windows(path)):
                raise InputError(
                    f"{path!r} is not an absolute path; write --map-path /old/folder=/new/folder"
                )

    @property
    def stem(self) -> str:
        """The old folder without separators at its end."""
        return self.old.rstrip(_separators(self.old))

    def moved(self, path: str) -> str | None:
        """Say where a path is now; ``None`` where it does not lie in the folder."""
        separators = _separators(self.old)
        rest = path[len(self.stem) :]
        if not path.startswith(self.stem) or (rest and rest[0] not in separators):
            return None
        if _is_windows(self.old) and not _is_windows(self.new):
            rest = rest.replace("\\", "/")
        elif _is_windows(self.new) and not _is_windows(self.old):
            rest = rest.replace("/", "\\")
        return self.new.rstrip(_separators(self.new)) + rest if rest else self.new


@dataclass(frozen=True, slots=True)
class PathMaps:
    """Several; where a path lies in two of the old folders, the inner one counts.

    Raises:
        InputError: Two say something of the same folder.
    """

    maps: tuple[PathMap, ...] = ()

    def __post_init__(self) -> None:
        if len({one.stem for one in self.maps}) < len(self.maps):
            raise InputError("two --map-path name the same old folder; leave one out")

    def moved(self, path: str) -> str:
        """Say where a path is now."""
        for one in sorted(self.maps, key=lambda one: -len(one.stem)):
            if (new := one.moved(path)) is not None:
                return new
        return path

    def moved_all(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Say where paths are now, each once."""
        return tuple(dict.fromkeys(self.moved(path) for path in paths))


NOTHING_MOVED = PathMaps()


@dataclass(frozen=True, slots=True)
class MovedPath:
    """One path that changes."""

    video_id: str
    old: str
    new: str

    @property
    def is_there(self) -> bool:
        """Say whether this machine has something at the new path."""
        return os.path.exists(self.new)


def path_maps(written: Sequence[str]) -> PathMaps:
    """Read ``OLD=NEW`` each; ``==`` stands for a ``=`` in a path.

    Raises:
        InputError: One is something else.

    Example:
        >>> path_maps(["/a==b=/c"]).moved("/a=b/x.mp4")
        '/c/x.mp4'
    """
    maps = []
    for text in written:
        halves = _HALVES.fullmatch(text)
        if halves is None:
            raise InputError(
                f"--map-path {text!r} is not OLD=NEW; write a '=' within a path as '=='"
            )
        maps.append(PathMap(*(half.replace("==", "=") for half in halves.groups())))
    return PathMaps(tuple(maps))


def relocate(session: Session, maps: PathMaps, *, is_dry_run: bool) -> list[MovedPath]:
    """Write every path anew that lies in a folder that was moved.

    Args:
        session: Of a writing transaction, unless it is a dry run.
        maps: Which folders were moved where.
        is_dry_run: Change nothing.

    Returns:
        What changes, by video and old path.
    """
    moved: list[MovedPath] = []
    known = session.execute(select(VideoRow.id, VideoRow.video_id, VideoRow.paths)).all()
    for row, video_id, paths in known:
        changes = [MovedPath(video_id, path, maps.moved(path)) for path in paths]
        changes = [change for change in changes if change.old != change.new]
        if changes and not is_dry_run:
            new = list(maps.moved_all(paths))
            session.execute(update(VideoRow).where(VideoRow.id == row).values(paths=new))
        moved += changes
    return sorted(moved, key=lambda change: (change.video_id, change.old))


def _is_windows(path: str) -> bool:
    return _WINDOWS.match(path) is not None


def _separators(path: str) -> str:
    return "/\\" if _is_windows(path) else "/"
