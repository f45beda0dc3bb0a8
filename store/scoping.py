"""A scope as SQL conditions, so that what lies outside is never fetched.

A condition on evidence (kind, speaker) leaves pictures out: they have none. Language falls back on
the video's where the evidence states none, and for pictures. Names compare without case.
"""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, and_, func, or_, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from store.records import Scope
from store.tables import EvidenceRow, VideoRow
from store.timespan import TimeSpan


def overlapping(
    within: TimeSpan, start: InstrumentedAttribute[int], end: InstrumentedAttribute[int]
) -> ColumnElement[bool]:
    """Say that a stored span and ``within`` share time; an instant counts where it lies inside."""
    first, last = within.start_milliseconds, within.end_milliseconds
    return and_(start < last, or_(end > first, start == first))


def conditions(
    scope: Scope, start: InstrumentedAttribute[int], end: InstrumentedAttribute[int]
) -> list[ColumnElement[bool]]:
    """List what a row of a statement over video and evidence must satisfy.

    Args:
        scope: What may be found.
        start: Where the searched thing starts; with ``end``, what ``scope.within`` limits.
        end: Where it ends.
    """
    wanted = [*video_conditions(scope), *_of_evidence(scope)]
    if scope.within is not None:
        wanted.append(overlapping(scope.within, start, end))
    return wanted


def video_conditions(scope: Scope) -> Iterator[ColumnElement[bool]]:
    """List what a row of a statement over video must satisfy."""
    if scope.video_ids is not None:
        yield VideoRow.video_id.in_(scope.video_ids)
    if scope.series is not None:
        yield func.lower(VideoRow.series) == scope.series.lower()
    if scope.season is not None:
        yield VideoRow.season == scope.season
    if scope.up_to_episode is not None:
        yield VideoRow.season.is_not(None)
        yield VideoRow.episode.is_not(None)
        yield tuple_(VideoRow.season, VideoRow.episode) <= tuple_(*scope.up_to_episode)


def _of_evidence(scope: Scope) -> Iterator[ColumnElement[bool]]:
    if scope.kinds is not None:
        yield EvidenceRow.kind.in_([str(kind) for kind in scope.kinds])
    if scope.language is not None:
        yield func.coalesce(EvidenceRow.language, VideoRow.language) == scope.language
    if scope.speaker is not None:
        yield func.lower(EvidenceRow.speaker) == scope.speaker.lower()
