"""Which files beside a video are its subtitles, and in which language."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from indexer.discovery import VIDEO_EXTENSIONS
from indexer.media.languages import is_language, short_language

_SUFFIXES = (".srt", ".vtt", ".ass", ".ssa")
SUBTITLE_FOLDERS = frozenset({"subs", "sub", "subtitles"})
_SDH_MARKS = frozenset({"sdh", "cc", "hi"})
_OTHER_MARKS = frozenset({"forced", "foreign", "default", "full"})
_FORCED_MARKS = frozenset({"forced", "foreign"})
_LANGUAGES_BY_NAME = {
    "arabic": "ar",
    "chinese": "zh",
    "czech": "cs",
    "danish": "da",
    "dutch": "nl",
    "english": "en",
    "finnish": "fi",
    "french": "fr",
    "german": "de",
    "greek": "el",
    "hebrew": "he",
    "hindi": "hi",
    "hungarian": "hu",
    "italian": "it",
    "japanese": "ja",
    "korean": "ko",
    "norwegian": "no",
    "polish": "pl",
    "portuguese": "pt",
    "romanian": "ro",
    "russian": "ru",
    "spanish": "es",
    "swedish": "sv",
    "thai": "th",
    "turkish": "tr",
    "ukrainian": "uk",
    "vietnamese": "vi",
}


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A subtitle file beside a video.

    Attributes:
        language: ISO 639-1 code as the file's name says; ``None`` where it does not.
        is_sdh: Whether it is marked as written for people who do not hear.
        is_forced: Whether it is marked as holding only what needs translation.
    """

    path: Path
    language: str | None
    is_sdh: bool
    is_forced: bool = False


def all_sidecars(video_path: Path) -> list[Sidecar]:
    """Find the subtitle files of a video, sorted by path, those beside it first.

    These are files that share its name (``film.srt``, ``film.en.sdh.vtt``, ``film.zh-Hans.ass``),
    beside it or in a folder ``Subs``; and files that are named after a language only, in
    ``Subs/film`` or, where the video has its folder for itself, in ``Subs``. A name with a part
    that is neither a language nor a known mark belongs to another video, and so does one that
    begins with the longer name of another video beside this one.
    """
    beside = _entries(video_path.parent)
    stem = video_path.stem
    videos = [path.stem for path in beside if path.suffix.lower() in VIDEO_EXTENSIONS]
    found = list(_of_name(beside, stem, videos))
    for folder in (path for path in beside if path.name.lower() in SUBTITLE_FOLDERS):
        entries = _entries(folder)
        named = list(_of_name(entries, stem, videos))
        found += named
        if len(videos) <= 1:
            found += _of_folder(set(entries) - {sidecar.path for sidecar in named})
        for own in (path for path in entries if _composed(path.name) == _composed(stem)):
            found += _of_folder(_entries(own))
    return [sidecar for sidecar in found if sidecar.path.is_file()]


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _of_name(
    paths: Iterable[Path], video_stem: str, all_video_stems: Iterable[str]
) -> Iterator[Sidecar]:
    """Yield those that begin with the video's name, and go on with known parts only."""
    whose = _composed(video_stem) + "."
    names = (_composed(name) + "." for name in all_video_stems)
    longer = tuple(name for name in names if name != whose and name.startswith(whose))
    for path in paths:
        stem = _composed(path.stem) + "."
        is_own = stem.startswith(whose) and not stem.startswith(longer)
        if path.suffix.lower() in _SUFFIXES and is_own:
            sidecar, unknown = _read_parts(path, stem[len(whose) :].lower().split("."))
            if not unknown:
                yield sidecar


def _of_folder(paths: Iterable[Path]) -> Iterator[Sidecar]:
    """Yield files whose folder says whose they are, and whose name says the language."""
    for path in sorted(paths):
        if path.suffix.lower() in _SUFFIXES:
            yield _read_parts(path, re.split(r"[._ ()\[\]]+", path.stem.lower()))[0]


def _read_parts(path: Path, parts: Iterable[str]) -> tuple[Sidecar, bool]:
    """Return what the parts of a name say, and whether some part says nothing that is known."""
    language: str | None = None
    marks: set[str] = set()
    unknown = False
    for part in parts:
        stated = _language(part)
        if stated is not None and (language is None or part not in _SDH_MARKS):
            language = stated
        elif part in _SDH_MARKS | _OTHER_MARKS:
            marks.add(part)
        else:
            unknown = unknown or bool(part and not part.isdigit())
    is_sdh, is_forced = bool(marks & _SDH_MARKS), bool(marks & _FORCED_MARKS)
    return Sidecar(path, language, is_sdh, is_forced), unknown


def _language(part: str) -> str | None:
    """Read a code or an English name; ``hi`` is Hindi unless a language stands before it."""
    if part in _LANGUAGES_BY_NAME:
        return _LANGUAGES_BY_NAME[part]
    if part in _SDH_MARKS - {"hi"}:
        return None
    code = short_language(part)
    return code if code is not None and is_language(code) else None


def _composed(name: str) -> str:
    """Spell accents one way; some file systems keep them as marks of their own."""
    return unicodedata.normalize("NFC", name)
