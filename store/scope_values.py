"""A scope as JSON: the limits by name, and nothing for what is not limited."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from store.json_values import LARGEST_INTEGER, JsonObject, any_text, integer, items
from store.records import EvidenceKind, Scope
from store.timespan import TimeSpan

EVERYTHING = Scope()


def scope_values(scope: Scope) -> dict[str, Any]:
    """Write the limits of a scope down, as ``docs/CLI.md`` spells them.

    Example:
        >>> scope_values(Scope(series="The Show", within=TimeSpan(0.0, 20.0)))
        {'within': {'start_seconds': 0.0, 'end_seconds': 20.0}, 'series': 'The Show'}
    """
    return {
        field.name: _plain(getattr(scope, field.name))
        for field in fields(scope)
        if getattr(scope, field.name) != getattr(EVERYTHING, field.name)
    }


def read_scope(value: object) -> Scope:
    """Read what ``scope_values`` wrote; limits may also be ``null``.

    Raises:
        ValueError: It is no scope.
    """
    given = JsonObject(value)
    limits = {
        name: read(given.take(name))
        for name, read in _READ.items()
        if given.has(name) and not given.took_null(name)
    }
    given.close()
    return Scope(**limits)


def _plain(value: object) -> object:
    if isinstance(value, TimeSpan):
        return {"start_seconds": value.start_seconds, "end_seconds": value.end_seconds}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value.value if isinstance(value, EvidenceKind) else value


def _text(value: object) -> str:
    return any_text(value, "a limit")


def _texts(value: object) -> tuple[str, ...]:
    return tuple(_text(one) for one in items(value, "limits"))


def _kinds(value: object) -> tuple[EvidenceKind, ...]:
    return tuple(map(EvidenceKind, _texts(value)))


def _season(value: object) -> int:
    return integer(value, "season", least=-LARGEST_INTEGER)


def _episode(value: object) -> tuple[int, int]:
    season, episode = (_season(one) for one in items(value, "episode", length=2))
    return season, episode


def _within(value: object) -> TimeSpan:
    bounds = JsonObject(value)
    span = TimeSpan(bounds.number("start_seconds"), bounds.number("end_seconds"))
    bounds.close()
    return span


_READ: Mapping[str, Callable[[object], Any]] = {
    "video_ids": _texts,
    "kinds": _kinds,
    "within": _within,
    "series": _text,
    "season": _season,
    "up_to_episode": _episode,
    "language": _text,
    "speaker": _text,
    "from_episode": _episode,
    "phrases": _texts,
    "without": _texts,
}
