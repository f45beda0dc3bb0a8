"""Which files beside a video are its subtitles, in which language, and which are not read."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.discovery import VIDEO_EXTENSIONS
from indexer.subtitles.sidecar_names import SEPARATORS, NameParts, composed, folded, read_parts

_SUFFIXES = frozenset({".srt", ".vtt", ".ass", ".ssa"})
# What the files of other formats hold.
_UNREAD = {
    ".dfxp": "TTML subtitles",
    ".idx": "bitmap subtitles",
    ".sami": "SAMI subtitles",
    ".sbv": "SubViewer subtitles",
    ".scc": "Scenarist captions",
    ".smi": "SAMI subtitles",
    ".stl": "STL subtitles",
    ".sub": "VobSub or MicroDVD subtitles",
    ".sup": "bitmap subtitles",
    ".ttml": "TTML subtitles",
}
SUBTITLE_SUFFIXES = _SUFFIXES | _UNREAD.keys()
SUBTITLE_FOLDERS = frozenset({"subs", "sub", "subtitles"})
TEXT_FILE_REMEDY = "put a text file such as film.en.srt beside the video to have them searched"


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A subtitle file beside a video.

    Attributes:
        language: ISO 639-1 code as the file's name says; ``None`` where it does not.
        is_sdh: Whether it is marked as written for people who do not hear.
        is_forced: Whether it is marked as holding only what needs translation.
        problem: Why it is not read; empty where it is.
    """

    path: Path
    language: str | None
    is_sdh: bool
    is_forced: bool = False
    problem: str = ""


def all_sidecars(video_path: Path) -> list[Sidecar]:
    """Find the subtitle files of a video, sorted by path, those beside it first.

    These are files whose names begin with its name, with or without its extension and whatever
    the capitals (``film.srt``, ``Film_en.sdh.vtt``, ``film.mp4.zh-Hans.ass``), beside it or in a
    folder ``Subs``; and files that are named after a language only, in ``Subs/film`` or, where the
    video has its folder for itself, in ``Subs``. Of several videos, the one whose name is the
    longest that a file begins with has the file.

    A file whose name goes on with what is neither a language nor a known mark may be another
    film's: it has a problem, as have those in formats that are not read.
    """
    beside = _entries(video_path.parent)
    videos = [path for path in beside if path.suffix.lower() in VIDEO_EXTENSIONS]
    whose = _Namesake(video_path, videos)
    found = list(_of_name(beside, whose))
    for folder in (path for path in beside if path.name.lower() in SUBTITLE_FOLDERS):
        entries = _entries(folder)
        found += _of_folder(entries, whose) if len(videos) <= 1 else _of_name(entries, whose)
        for own in (path for path in entries if folded(path.name) == folded(video_path.stem)):
            found += _of_folder(_entries(own), whose)
    return [sidecar for sidecar in found if sidecar.path.is_file()]


class _Namesake:
    """Tells the files that are named after one video of a folder."""

    def __init__(self, video: Path, videos: Iterable[Path]) -> None:
        self._video = video
        own = folded(video.stem)
        # No other can have a longer name in common with a file that begins with this one.
        self._rivals = [path for path in videos if folded(path.stem).startswith(own)]

    def behind(self, path: Path) -> str | None:
        """Return what follows the video's name; ``None`` where a file is not named after it."""
        own = _common(path.stem, self._video)
        if own is None:
            return None
        rivals = (_common(path.stem, rival) for rival in self._rivals)
        is_own = all(rival is None or rival <= own for rival in rivals)
        return folded(path.stem)[own[0] :] if is_own else None


def _common(name: str, video: Path) -> tuple[int, bool] | None:
    """Measure how much of a video's name a name begins with, and whether in the same capitals."""
    for whole in (video.name, video.stem):
        ours, theirs = folded(whole), folded(name)
        if theirs.startswith(ours) and (theirs[len(ours) :] or SEPARATORS)[0] in SEPARATORS:
            return len(ours), composed(name).startswith(composed(whole))
    return None


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _of_name(paths: Iterable[Path], whose: _Namesake) -> Iterator[Sidecar]:
    """Yield those that begin with the video's name; they must go on with known parts only."""
    for path in paths:
        behind = whose.behind(path) if path.suffix.lower() in SUBTITLE_SUFFIXES else None
        if behind is not None:
            parts = read_parts(behind)
            yield _sidecar(path, parts, parts.unknown)


def _of_folder(paths: Iterable[Path], whose: _Namesake) -> Iterator[Sidecar]:
    """Yield files whose folder says whose they are, and whose name says the language."""
    for path in paths:
        if path.suffix.lower() in SUBTITLE_SUFFIXES:
            behind = whose.behind(path)
            yield _sidecar(path, read_parts(path.stem if behind is None else behind), ())


def _sidecar(path: Path, parts: NameParts, doubtful: Sequence[str]) -> Sidecar:
    problem = _problem(path, parts, doubtful)
    return Sidecar(path, parts.language, parts.is_sdh, parts.is_forced, problem)


def _problem(path: Path, parts: NameParts, doubtful: Sequence[str]) -> str:
    suffix = path.suffix.lower()
    if suffix in _UNREAD:
        is_bitmap = suffix == ".sub" and path.with_suffix(".idx").exists()
        held = _UNREAD[".idx" if is_bitmap else suffix]
        return f"{held}, which are not read; {TEXT_FILE_REMEDY}"
    if parts.is_commentary:
        return "a commentary does not hold the film's own words, so it was not read"
    if doubtful:
        listed = " and ".join(map(repr, doubtful))
        verb = "is" if len(doubtful) == 1 else "are"
        return f"{listed} in its name {verb} not understood, so it was not read"
    return ""
