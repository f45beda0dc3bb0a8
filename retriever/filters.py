"""Filters as people write them, in a query, as options or as fields of JSON, made into scopes."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from retriever.narrowing import NarrowedScope, narrowed
from store.errors import QueryError
from store.records import EvidenceKind, Scope, Video
from store.timespan import TimeSpan

END_OF_TIME_SECONDS = 1e6
SECONDS_PER_STEP = 60
_EPISODE = re.compile(r"s(?P<season>\d{1,4})(?:[ .]?e(?P<episode>\d{1,5}))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter that was read.

    Attributes:
        field: One of ``FIELDS``.
        value: As written.
        limit: What it allows; everything for a video, which only a library can find.
    """

    field: str
    value: str
    limit: Scope


def read_filter(field: str, value: str) -> Filter:
    """Read one filter.

    Args:
        field: One of ``FIELDS``.
        value: As written.

    Raises:
        QueryError: The field knows no such value; the message says what it knows.
    """
    return Filter(field, value, FIELDS[field](value))


def scope_of(filters: Iterable[Filter], find_video: Callable[[str], Video]) -> NarrowedScope:
    """Put filters together: any of the videos, any of the kinds, and everything else.

    Args:
        filters: In any order, any field several times.
        find_video: Finds the video that a person means.

    Raises:
        UnknownNameError: There is no such video.
    """
    given = list(filters)
    videos = [find_video(one.value).video_id for one in given if one.field == "video"]
    kinds = [kind for one in given for kind in one.limit.kinds or ()]
    return narrowed(
        Scope(video_ids=tuple(videos) or None, kinds=tuple(kinds) or None),
        *(one.limit for one in given if one.field != "kind"),
    )


def seconds_of(text: str) -> float:
    """Read ``75``, ``75.5``, ``1:15`` or ``0:01:15``.

    Raises:
        QueryError: It is none of these.

    Example:
        >>> seconds_of("1:02:03.5")
        3723.5
    """
    seconds = 0.0
    try:
        for part in text.split(":"):
            seconds = seconds * SECONDS_PER_STEP + float(part)
    except ValueError as error:
        raise QueryError(f"{text!r} is no time; write 75, 1:15 or 0:01:15") from error
    if not 0 <= seconds <= END_OF_TIME_SECONDS:
        raise QueryError(f"{text!r} is no time in a video; write 75, 1:15 or 0:01:15")
    return seconds


def _season(value: str) -> Scope:
    if not (value.isascii() and value.isdecimal()):
        raise QueryError(f"{value!r} is no season; write its number, such as season:2")
    return Scope(season=int(value))


def _kind(value: str) -> Scope:
    known = [kind.value for kind in EvidenceKind]
    if value.lower() not in known:
        raise QueryError(f"no kind of evidence {value!r}; there are {', '.join(known)}")
    return Scope(kinds=(EvidenceKind(value.lower()),))


def _before(value: str) -> Scope:
    if found := _EPISODE.fullmatch(value):
        # Episodes count from 0, so that "before S02" ends before that.
        return Scope(up_to_episode=(int(found["season"]), int(found["episode"] or 0) - 1))
    return Scope(within=TimeSpan(0.0, _instant(value)))


def _after(value: str) -> Scope:
    if found := _EPISODE.fullmatch(value):
        season, episode = int(found["season"]), found["episode"]
        return Scope(
            from_episode=(season + 1, 0) if episode is None else (season, int(episode) + 1)
        )
    return Scope(within=TimeSpan(_instant(value), END_OF_TIME_SECONDS))


def _instant(value: str) -> float:
    try:
        return seconds_of(value)
    except QueryError as error:
        raise QueryError(
            f"{value!r} is neither an episode, such as S02E05 or S02, nor a time in a video, such "
            "as 75, 1:15 or 0:01:15"
        ) from error


FIELDS: dict[str, Callable[[str], Scope]] = {
    "video": lambda value: Scope(),
    "series": lambda value: Scope(series=value),
    "season": _season,
    "before": _before,
    "after": _after,
    "speaker": lambda value: Scope(speaker=value),
    "kind": _kind,
}
