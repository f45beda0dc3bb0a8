"""What a file's name says about the video: its title and year, and which episode of what it is."""

import re
from dataclasses import dataclass
from pathlib import Path

from store.records import Skip

_YEAR = r"((?:18[89]|19\d|20[0-3])\d)"
_MARKED = (
    r"s(\d{1,3})[ ._-]*ep?\.?[ ._-]*(\d{1,4})"
    r"(?:(?:[ ._]*-?[ ._]*ep?\.?[ ._]*|-(?!\d{4}))(\d{1,4}))*",
    r"season[ ._-]*(\d{1,3})[ ._,-]*episode[ ._-]*(\d{1,4})()",
)
# Two digits after the x, no more and no less: 640x360 and 16x9 are sizes.
_CROSSED = r"(\d{1,2})x(\d{2})(?:(?:-|[ ._]*-[ ._]*\d{1,2}x)(\d{2}))?"
_EPISODE_MARKS = tuple(
    re.compile(rf"(?<![a-z0-9]){mark}(?![a-z0-9])", re.I) for mark in (*_MARKED, _CROSSED)
)
# Behind the size of a picture, or behind numbers that are the title of a film.
_SIZE_OR_TITLE = re.compile(
    rf"[ ._]*(?:prints?|photos?|posters?|frames?|canvas|[cm]m|inch(?:es)?|px|pixels?)\s*$"
    rf"|[ ._]*[(\[]{_YEAR}[)\]]",
    re.I,
)
_SET_APART = re.compile(r"[ _]-[ _]|\.|\s*$")
_FIRST_LONG_SEASON, _LAST_SEASON = 10, 30
_RELEASE_NOTES = re.compile(
    r"[ ._\-\[(]+(?:\d{3,4}[pi]|[xh][ .]?26[45]|hevc|xvid|divx|blu-?ray|b[dr]rip|web-?(?:rip|dl)"
    r"|dvd-?rip|hdr10?)(?![a-z0-9]).*$",
    re.I | re.S,
)
# Release notes that are words as well count behind a year or an episode's number only, and there
# right behind it, or at the end with the name of who released it.
_NUMBERED = re.compile(
    rf"(?<![a-z0-9])(?:{'|'.join(_MARKED)}|{_CROSSED}|(?<=[ ._(\[]){_YEAR}|(?<= - )\d{{2,4}})"
    r"(?![a-z0-9])[)\]]?",
    re.I,
)
_WORD_NOTE = r"[ ._\-\[(]+(?:av1|hdtv|proper|remux|repack)(?![a-z0-9])"
_WORD_NOTES = re.compile(rf"\A{_WORD_NOTE}.*|(?:{_WORD_NOTE})+(?:-\w+)?[)\]]?\Z", re.I | re.S)
_SEASON_FOLDER = re.compile(
    r"(?:season|series|staffel|saison|temporada|stagione)[ ._-]*(\d{1,3})|s(\d{1,3})|(specials)",
    re.I,
)
# In the folder of a season the name may begin with the number alone.
_LEADING_NUMBER = re.compile(
    r"(?:episode|ep?)?[ ._-]*(\d{1,3})(?![a-z0-9])[ ._-]*(.*)", re.I | re.S
)
# `Show - 012`, `[Group] Show - 12v2 [..]`: a number between spaced hyphens, or in the last place.
_ABSOLUTE_NUMBER = re.compile(
    r"(?P<group>\[[^\[\]]*\] ?)?(?P<series>[^\[\]]*?[^\W\d_][^\[\]]*?) - (?P<number>\d{2,4})"
    r"(?:v\d)?(?P<rest>(?: - (?!\d).*)?(?: ?[\[(].*)?)",
    re.S,
)
_PICTURE_HEIGHTS = frozenset({240, 360, 480, 540, 576, 720, 1080, 1440, 2160, 4320})
_BRACKETED_YEAR = re.compile(rf"[ ._]*[(\[]{_YEAR}[)\]]")
_TRAILING_YEAR = re.compile(rf"[ ._]+{_YEAR}$")
_FIRST_FILMS, _FIRST_OF_NO_YEARS = 1880, 2040


@dataclass(frozen=True, slots=True)
class NameFacts:
    """What a file's name, or an NFO, says of a video.

    Attributes:
        own_title: Of the film, or of the episode without its series; may be empty for an episode.
        series: ``None`` for a film.
        season: 0 for specials; ``None`` where episodes are counted through.
        last_episode: Where one file holds several; ``None`` where it holds one.
        year: In which the film came out, or the episode was first shown.
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


def read_name(path: Path) -> NameFacts:
    """Read a file's name, and the folders' where the name begins with the episode number.

    Example:
        >>> read_name(Path("Night.Train.S01E02.The.Bridge.1080p.x264.mkv")).title
        'Night Train S01E02 The Bridge'
        >>> read_name(Path("Night Train (1999).mkv")).year
        1999
    """
    name = _without_notes(path.stem)
    found = _marked(name, path) or _in_season(name, path) or _absolute(name)
    return found or _film(name, path)


def _without_notes(stem: str) -> str:
    name = _RELEASE_NOTES.sub("", stem)
    ends = [0] + [numbered.end() for numbered in _NUMBERED.finditer(name)]
    return name[: ends[-1]] + _WORD_NOTES.sub("", name[ends[-1] :]) if ends[-1] else name


def _marked(name: str, path: Path) -> NameFacts | None:
    for mark in _EPISODE_MARKS:
        found = mark.search(name)
        if found and not _is_size(found, path):
            season, first = int(found[1]), int(found[2])
            series = _readable(name[: found.start()]) or _series_folder(path)
            last = int(found[3]) if found[3] else first
            own_title = _readable(name[found.end() :])
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
    if _SIZE_OR_TITLE.match(after) or not _readable(before):
        return True
    season = int(found[1])
    is_doubtful = season >= _FIRST_LONG_SEASON and not _SET_APART.match(after)
    return is_doubtful or season > _LAST_SEASON


def _in_season(name: str, path: Path) -> NameFacts | None:
    """Read ``Season 1/02 - Title`` and ``Season 1/Show - 02``."""
    folder = _SEASON_FOLDER.fullmatch(path.parent.name.strip())
    if folder is None:
        return None
    season = int(folder[1] or folder[2] or 0)
    if found := _LEADING_NUMBER.fullmatch(name):
        return NameFacts(_readable(found[2]), _series_folder(path), season, int(found[1]))
    absolute = _absolute(name)
    if absolute is not None:
        return NameFacts(absolute.own_title, absolute.series, season, absolute.episode)
    return None


def _absolute(name: str) -> NameFacts | None:
    """Read ``Show - 012``; what may be a year, a date, a part or a picture's height is none."""
    spaced = name if " " in name else name.replace("_", " ")
    found = _ABSOLUTE_NUMBER.fullmatch(spaced.strip())
    if found is None:
        return None
    number = int(found["number"])
    is_height = number in _PICTURE_HEIGHTS and not found["group"]
    if number == 0 or is_height or _FIRST_FILMS <= number < _FIRST_OF_NO_YEARS:
        return None
    own_title = _readable(re.sub(r"[\[(].*", "", found["rest"], flags=re.S))
    return NameFacts(own_title, _readable(found["series"]), None, number)


def _film(name: str, path: Path) -> NameFacts:
    """Read a title and its year, which stands in brackets or right before the release notes."""
    bracketed = list(_BRACKETED_YEAR.finditer(name))
    found = bracketed[-1] if bracketed else None
    if found is None and name != path.stem:
        found = _TRAILING_YEAR.search(name)
    if found is None or not _readable(name[: found.start()]):
        return NameFacts(_readable(name) or path.name)
    title = _readable(name[: found.start()] + " " + name[found.end() :].strip(" ._-"))
    return NameFacts(title, year=int(found[1]))


def _series_folder(path: Path) -> str | None:
    folders = [folder for folder in path.parts[:-1] if not _SEASON_FOLDER.fullmatch(folder.strip())]
    return _readable(folders[-1].strip("/\\")) or None if folders else None


def _readable(text: str) -> str:
    """Turn dots and underscores into spaces; a name that has spaces keeps its dots."""
    if not re.search(r"\s", text.strip()):
        text = re.sub(r"(?<!\d)\.|\.(?!\d)", " ", text)
    return " ".join(text.replace("_", " ").split()).strip(" -.([")
