"""What a file's name says about the video: its title, and which episode of what it is."""

import re
from dataclasses import dataclass
from pathlib import Path

_EPISODE_MARKS = tuple(
    re.compile(rf"(?<![a-z0-9]){mark}(?![a-z0-9])", re.I)
    for mark in (
        r"s(\d{1,3})[ ._-]*ep?\.?[ ._-]*(\d{1,4})(?:[ ._-]*e\d{1,4})*",
        r"season[ ._-]*(\d{1,3})[ ._,-]*episode[ ._-]*(\d{1,4})",
        # Two digits after the x, no more and no less: 640x360 and 16x9 are sizes.
        r"(\d{1,2})x(\d{2})",
    )
)
_RELEASE_NOTES = re.compile(
    r"[ ._\-\[(]+(?:\d{3,4}[pi]|[xh][ .]?26[45]|hevc|av1|blu-?ray|b[dr]rip|web-?(?:rip|dl)|hdtv"
    r"|dvd-?rip|hdr10?|remux|proper|repack)(?![a-z0-9]).*$",
    re.I | re.S,
)
_SEASON_FOLDER = re.compile(r"(?:season|series|staffel|saison)[ ._-]*\d+|s\d{1,3}", re.I)


@dataclass(frozen=True, slots=True)
class NameFacts:
    """What a file name says.

    Attributes:
        title: Readable; for an episode with series and number, for example ``Night Train S01E02 The
            Bridge``.
        series: ``None`` unless the name carries an episode number.
    """

    title: str
    series: str | None = None
    season: int | None = None
    episode: int | None = None


def read_name(path: Path) -> NameFacts:
    """Read a file's name, and the folder's where the name begins with the episode number.

    Example:
        >>> read_name(Path("Night.Train.S01E02.The.Bridge.1080p.x264.mkv"))
        NameFacts(title='Night Train S01E02 The Bridge', series='Night Train', season=1, episode=2)
        >>> read_name(Path("holiday_film.mp4")).title
        'holiday film'
    """
    name = _RELEASE_NOTES.sub("", path.stem)
    for mark in _EPISODE_MARKS:
        found = mark.search(name)
        if found:
            series = _readable(name[: found.start()]) or _series_folder(path)
            season, episode = int(found[1]), int(found[2])
            parts = (series, f"S{season:02}E{episode:02}", _readable(name[found.end() :]))
            return NameFacts(" ".join(part for part in parts if part), series, season, episode)
    return NameFacts(_readable(name) or path.name)


def _series_folder(path: Path) -> str | None:
    folders = [folder for folder in path.parts[:-1] if not _SEASON_FOLDER.fullmatch(folder.strip())]
    return _readable(folders[-1].strip("/\\")) or None if folders else None


def _readable(text: str) -> str:
    """Turn dots and underscores into spaces; a name that has spaces keeps its dots."""
    if not re.search(r"\s", text.strip()):
        text = re.sub(r"(?<!\d)\.|\.(?!\d)", " ", text)
    return " ".join(text.replace("_", " ").split()).strip(" -.([")
