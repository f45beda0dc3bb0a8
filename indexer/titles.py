"""What a file's name says about the video: its title and year, and which episode of what it is."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.name_spelling import CROSSED, MARKED, YEAR, readable, without_notes
from indexer.numbering import counted_episode
from store.records import Skip

_EPISODE_MARKS = tuple(
    re.compile(rf"(?<![a-z0-9]){mark}(?![a-z0-9])", re.I) for mark in (*MARKED, CROSSED)
)
# Behind the size of a picture, or behind numbers that are the title of a film.
_SIZE_OR_TITLE = re.compile(
    rf"[ ._]*(?:prints?|photos?|posters?|frames?|canvas|[cm]m|inch(?:es)?|px|pixels?)\s*$"
    rf"|[ ._]*[(\[]{YEAR}[)\]]",
    re.I,
)
_SET_APART = re.compile(r"[ _]-[ _]|\.|\s*$")
_FIRST_LONG_SEASON, _LAST_SEASON = 10, 30
_SEASON_FOLDER = re.compile(
    r"(?:season|series|staffel|saison|temporada|stagione)[ ._-]*(\d{1,4})|s(\d{1,4})|(specials)",
    re.I,
)
# In the folder of a season the name may begin with the number alone.
_LEADING_NUMBER = re.compile(
    r"(?:episode|ep?)?[ ._-]*(\d{1,3})(?![a-z0-9])[ ._-]*(.*)", re.I | re.S
)
_BRACKETED_YEAR = re.compile(rf"[ ._]*[(\[]{YEAR}[)\]]")
_SERIES_YEAR = re.compile(rf"(.*\S)[ ._]*[(\[]{YEAR}[)\]]")
_TRAILING_YEAR = re.compile(rf"[ ._]+{YEAR}$")
# Without spaces: `Wonder Woman 1984` is a title, `Film.1995` is how releases are named.
_DOTTED_YEAR = re.compile(rf"\S*\.{YEAR}")


@dataclass(frozen=True, slots=True)
class NameFacts:
    """What a file's name, or an NFO, says of a video.

    Attributes:
        own_title: Of the film, or of the episode without its series; may be empty for an episode.
        series: ``None`` for a film.
        season: 0 for specials; ``None`` where episodes are counted through.
        last_episode: Where one file holds several; ``None`` where it holds one.
        year: In which the film came out, the series began, or the episode was first shown.
        skips: What could not be read, and why.
    """

    own_title: str
    series: str | None = None
    season: int | None = None
    episode: int | None = None
    last_episode: int | None = None
    year: int | None = None
    skips: tuple[Skip, ...] = ()

    @property
    def title(self) -> str:
        """Readable, with series and number; for example ``Night Train S01E02 The Bridge``."""
        parts = (self.series, self._number(), self.own_title)
        return " ".join(part for part in parts if part)

    def _number(self) -> str:
        if self.episode is None:
            return ""
        season = "" if self.season is None else f"S{self.season:02}"
        last = "" if self.last_episode is None else f"-E{self.last_episode:02}"
        return f"{season}E{self.episode:02}{last}"


def read_name(path: Path, neighbours: Iterable[str] = ()) -> NameFacts:
    """Read a file's name, and the folders' where the name begins with the episode number.

    Args:
        path: Of the file.
        neighbours: Stems of the other videos in its folder; they tell whether a number counts.

    Example:
        >>> read_name(Path("Night.Train.S01E02.The.Bridge.1080p.x264.mkv")).title
        'Night Train S01E02 The Bridge'
        >>> read_name(Path("Night Train (1999).mkv")).year
        1999
    """
    name = without_notes(path.stem)
    counted = _counted(name, neighbours)
    found = _marked(name, path) or _in_season(name, path, counted) or counted
    return _with_series_year(found) if found else _film(name, path)


def _counted(name: str, neighbours: Iterable[str]) -> NameFacts | None:
    found = counted_episode(name, neighbours)
    return NameFacts(found.own_title, found.series, None, found.episode) if found else None


def _with_series_year(episode: NameFacts) -> NameFacts:
    """Take the year out of `Show (2019)`."""
    found = _SERIES_YEAR.fullmatch(episode.series or "")
    return replace(episode, series=found[1], year=int(found[2])) if found else episode


def _marked(name: str, path: Path) -> NameFacts | None:
    for mark in _EPISODE_MARKS:
        found = mark.search(name)
        if found and not _is_size(found, path):
            season, first = int(found[1]), int(found[2])
            series = readable(name[: found.start()]) or _series_folder(path)
            last = int(found[3]) if found[3] else first
            own_title = readable(name[found.end() :])
            return NameFacts(own_title, series, season, first, last if last > first else None)
    return None


def _is_size(found: re.Match[str], path: Path) -> bool:
    """Tell ``24x36``, a size or a title, from season and episode, which follow a series' name.

    Seasons from the tenth on must be set apart from what follows: most sizes look like them.
    """
    if "x" not in found[0].lower():
        return False
    before, after = found.string[: found.start()], found.string[found.end() :]
    if _SEASON_FOLDER.fullmatch(path.parent.name.strip()):
        return False
    if _SIZE_OR_TITLE.match(after) or not readable(before):
        return True
    season = int(found[1])
    is_doubtful = season >= _FIRST_LONG_SEASON and not _SET_APART.match(after)
    return is_doubtful or season > _LAST_SEASON


def _in_season(name: str, path: Path, counted: NameFacts | None) -> NameFacts | None:
    """Read ``Season 1/02 - Title`` and ``Season 1/Show - 02``."""
    folder = _SEASON_FOLDER.fullmatch(path.parent.name.strip())
    if folder is None:
        return None
    season = int(folder[1] or folder[2] or 0)
    if found := _LEADING_NUMBER.fullmatch(name):
        return NameFacts(readable(found[2]), _series_folder(path), season, int(found[1]))
    return counted and replace(counted, season=season)


def _film(name: str, path: Path) -> NameFacts:
    """Read a title and its year, in brackets, behind a dot, or right before the release notes."""
    bracketed = list(_BRACKETED_YEAR.finditer(name))
    found = bracketed[-1] if bracketed else None
    if found is None and (name != path.stem or _DOTTED_YEAR.fullmatch(name)):
        found = _TRAILING_YEAR.search(name)
    if found is None or not readable(name[: found.start()]):
        return NameFacts(readable(name) or path.name)
    title = readable(name[: found.start()] + " " + name[found.end() :].strip(" ._-"))
    return NameFacts(title, year=int(found[1]))


def _series_folder(path: Path) -> str | None:
    folders = [folder for folder in path.parts[:-1] if not _SEASON_FOLDER.fullmatch(folder.strip())]
    return readable(folders[-1].strip("/\\")) or None if folders else None
