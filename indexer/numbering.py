"""Episodes that are counted through: `Show - 012`, `Show Ep 45`, `Show 1089` among its like."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from indexer.name_spelling import COUNTED, YEAR, readable, without_notes

_SERIES = r"(?P<group>\[[^\[\]]*\][ ._]*)?(?P<series>[^\[\]]*?[^\W\d_][^\[\]]*?)"
# `Show - 012`, `[Group] Show - 12v2 [..]`: a number between spaced hyphens, or in the last place.
_BETWEEN_HYPHENS = re.compile(
    rf"{_SERIES} - (?P<number>\d{{2,4}})(?:v\d)?(?P<rest>(?: - (?!\d).*)?(?: ?[\[(].*)?)", re.S
)
_MARKED = re.compile(
    rf"{_SERIES}[ ._-]+{COUNTED}(?:v\d)?(?![a-z0-9])(?P<rest>.*)",
    re.I | re.S,
)
_BARE = re.compile(
    rf"{_SERIES}(?P<gap>[ ._]+-[ ._]+|[ ._]+)(?P<number>\d{{1,4}})(?:v\d)?"
    r"(?P<rest>(?:[ ._]+-?[ ._]*(?=[^\W\d_]|[\[(]).*)?)",
    re.I | re.S,
)
_SET_APART = re.compile(r"[ _]-[ _]|\.|\s*[\[(]|\s*$")
_FILM_YEAR = re.compile(rf"[ ._][(\[]?{YEAR}(?:[)\]]|$)")
_PICTURE_HEIGHTS = frozenset({240, 360, 480, 540, 576, 720, 1080, 1440, 2160, 4320})
_FIRST_FILMS, _FIRST_OF_NO_YEARS = 1880, 2040
# Sequels of films are counted too, but none of them so far.
_BEYOND_SEQUELS = 100
# Behind these words a number counts no episodes.
_NO_SERIES = re.compile(
    r"cd|chapter|clip|day|dis[ck]|dscn?|dvd|film|gopr|img|mov|movie|mvi|no|part|pt|pxl|reel|scene"
    r"|season|take|tape|test|track|v|version|vid|video|vol|volume"
)


@dataclass(frozen=True, slots=True)
class CountedEpisode:
    """An episode of a series that is not cut into seasons."""

    series: str
    episode: int
    own_title: str


def counted_episode(name: str, neighbours: Iterable[str] = ()) -> CountedEpisode | None:
    """Read which episode of what a name says; what may be a year, a date or a part is none.

    Args:
        name: Without notes of a release.
        neighbours: Stems of the other videos in the folder. A number that nothing marks as an
            episode's is one only where others of the same series have other numbers.
    """
    spaced = name if " " in name else name.replace("_", " ")
    return _between_hyphens(spaced.strip()) or _marked(name) or _among(name, neighbours)


def _between_hyphens(name: str) -> CountedEpisode | None:
    found = _BETWEEN_HYPHENS.fullmatch(name)
    if found is None:
        return None
    number = int(found["number"])
    if not _may_count(number) and not (found["group"] and number in _PICTURE_HEIGHTS):
        return None
    return _episode(found, number)


def _marked(name: str) -> CountedEpisode | None:
    """Read a number behind a word or sign; behind a letter or sign it must end or be set apart."""
    found = _MARKED.fullmatch(name)
    if found is None or _FILM_YEAR.search(found["rest"]) or not _counts(found):
        return None
    is_word = found["mark"].lower().startswith("ep")
    if not is_word and not _SET_APART.match(found["rest"]):
        return None
    return _episode(found, int(found["number"]))


def _among(name: str, neighbours: Iterable[str]) -> CountedEpisode | None:
    found = _bare(name)
    if found is None:
        return None
    series = _key(found)
    start = found.string[: found.end("series")].casefold()
    begun_alike = (other for other in neighbours if other.casefold().startswith(start))
    others = [other for other in map(_bare, map(without_notes, begun_alike)) if other is not None]
    same = [other for other in others if _key(other) == series]
    number = int(found["number"])
    if all(int(other["number"]) == number for other in same):
        return None
    is_padded = any(one["number"].startswith("0") for one in (found, *same))
    if "-" in found["gap"] or is_padded or number >= _BEYOND_SEQUELS:
        return _episode(found, number)
    return None


def _bare(name: str) -> re.Match[str] | None:
    found = _BARE.fullmatch(name)
    if found is None or not _may_count(int(found["number"])):
        return None
    return found if _counts(found) and not _FILM_YEAR.search(found["rest"]) else None


def _counts(found: re.Match[str]) -> bool:
    words = _key(found).split()
    return bool(words) and not _NO_SERIES.fullmatch(words[-1])


def _may_count(number: int) -> bool:
    is_year = _FIRST_FILMS <= number < _FIRST_OF_NO_YEARS
    return number > 0 and number not in _PICTURE_HEIGHTS and not is_year


def _key(found: re.Match[str]) -> str:
    return readable(found["series"]).casefold()


def _episode(found: re.Match[str], number: int) -> CountedEpisode:
    own_title = readable(re.sub(r"[\[(].*", "", found["rest"], flags=re.S))
    return CountedEpisode(readable(found["series"]), number, own_title)
