"""Several scopes at once: what all of them allow, and why that may be nothing.

Filters in a query, options beside it and a caller's own scope add up; none widens another.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce
from typing import TypeVar

from retriever.words import split_words
from store.records import Scope
from store.timespan import TimeSpan

_Value = TypeVar("_Value")
# Of which a video, or a piece of evidence, has one.
SINGLE = {"series": "a video", "season": "a video", "speaker": "a line", "language": "a line"}


@dataclass(frozen=True, slots=True)
class NarrowedScope:
    """Where one may look.

    Attributes:
        emptied_by: What leaves nothing to look at, in words for a person; empty where some is left.
    """

    scope: Scope
    emptied_by: str = ""


def narrowed(*scopes: Scope) -> NarrowedScope:
    """Keep what every scope allows.

    Example:
        >>> narrowed(Scope(season=1), Scope(season=2)).emptied_by
        'a video has one season, and 1 and 2 are wanted'
    """
    return reduce(_and, scopes, NarrowedScope(Scope()))


def _and(known: NarrowedScope, other: Scope) -> NarrowedScope:
    if known.emptied_by:
        return known
    both = _both(known.scope, other)
    reason = next(_contradictions(known.scope, other, both), "")
    return NarrowedScope(replace(both, video_ids=()) if reason else both, reason)


def _both(first: Scope, second: Scope) -> Scope:
    return Scope(
        video_ids=_common(first.video_ids, second.video_ids),
        kinds=_common(first.kinds, second.kinds),
        within=_shared(first.within, second.within),
        series=_either(first.series, second.series),
        season=_either(first.season, second.season),
        language=_either(first.language, second.language),
        speaker=_either(first.speaker, second.speaker),
        from_episode=max(_given(first.from_episode, second.from_episode), default=None),
        up_to_episode=min(_given(first.up_to_episode, second.up_to_episode), default=None),
        phrases=tuple(dict.fromkeys(first.phrases + second.phrases)),
        without=tuple(dict.fromkeys(first.without + second.without)),
    )


def _given(*values: _Value | None) -> list[_Value]:
    return [value for value in values if value is not None]


def _common(
    first: tuple[_Value, ...] | None, second: tuple[_Value, ...] | None
) -> tuple[_Value, ...] | None:
    if first is None or second is None:
        return _either(first, second)
    return tuple(one for one in first if one in second)


def _either(first: _Value | None, second: _Value | None) -> _Value | None:
    return second if first is None else first


def _shared(first: TimeSpan | None, second: TimeSpan | None) -> TimeSpan | None:
    spans = _given(first, second)
    if not spans:
        return None
    start, end = max(span.start_seconds for span in spans), min(span.end_seconds for span in spans)
    return TimeSpan(start, max(start, end))


def _contradictions(first: Scope, second: Scope, both: Scope) -> Iterator[str]:
    if first.video_ids and second.video_ids and not both.video_ids:
        yield "different videos are wanted at once"
    if first.kinds and second.kinds and not both.kinds:
        yield f"no evidence is both {_listed(first.kinds)} and {_listed(second.kinds)}"
    for name, owner in SINGLE.items():
        one, other = getattr(first, name), getattr(second, name)
        if one is not None and other is not None and str(one).lower() != str(other).lower():
            yield f"{owner} has one {name}, and {one} and {other} are wanted"
    if both.within is not None and both.within.duration_seconds == 0:
        end = min(span.end_seconds for span in _given(first.within, second.within))
        yield f"no time is after second {both.within.start_seconds:g} and before second {end:g}"
    yield from _of_episodes(both)
    yield from _of_words(both)


def _listed(values: tuple[object, ...]) -> str:
    return " or ".join(map(str, values))


def _of_episodes(scope: Scope) -> Iterator[str]:
    first, last = scope.from_episode, scope.up_to_episode
    if first is not None and last is not None and first > last:
        yield f"no episode comes after {_before(first)} and before {_after(last)}"
    if scope.season is None:
        return
    if first is not None and scope.season < first[0]:
        yield f"season {scope.season} does not come after {_before(first)}"
    if last is not None and (scope.season, 0) > last:
        yield f"season {scope.season} does not come before {_after(last)}"


def _before(first: tuple[int, int]) -> str:
    season, episode = first
    return f"S{season:02d}E{episode - 1:02d}" if episode else f"S{season - 1:02d}"


def _after(last: tuple[int, int]) -> str:
    season, episode = last
    return f"S{season:02d}E{episode + 1:02d}" if episode >= 0 else f"S{season:02d}"


def _of_words(scope: Scope) -> Iterator[str]:
    for phrase in scope.phrases:
        for text in scope.without:
            if f" {' '.join(split_words(text))} " in f" {' '.join(split_words(phrase))} ":
                yield f'"{phrase}" is wanted and {text!r} is not'
