"""Some of a library's marks, by what a person names of them."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from store.mark import Mark
from store.records import Scope
from store.timespan import TimeSpan

EVERYWHERE = Scope()


def choose(
    marks: Sequence[Mark],
    *,
    query: str | None = None,
    video_ids: Collection[str] = (),
    span: TimeSpan | None = None,
    beside: Scope = EVERYWHERE,
) -> list[Mark]:
    """Keep the marks that fit all that is named.

    Args:
        marks: In any order, which stays.
        query: As typed; ``None`` for any.
        video_ids: Of videos that a mark is on, or was limited to; empty for any.
        span: To the millisecond; ``None`` for any.
        beside: The limits that the query was judged in, but for its videos; none for any.
    """
    return [
        mark
        for mark in marks
        if (query is None or mark.query == query.strip())
        and (not video_ids or not _videos_of(mark).isdisjoint(video_ids))
        and (span is None or mark.span == span)
        and beside in (EVERYWHERE, replace(mark.scope, video_ids=None))
    ]


def _videos_of(mark: Mark) -> set[str]:
    limited_to = mark.scope.video_ids or ()
    return {*limited_to} if mark.video_id is None else {mark.video_id, *limited_to}
