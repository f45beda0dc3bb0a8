"""A scope as SQL conditions, so that what lies outside is never fetched.

A condition on evidence (kind, speaker) leaves pictures out: they have none. Language falls back on
the video's where the evidence states none, and for pictures. Names compare without case.
Words are looked up in the full-text index: phrases in the evidence that is found, what must not be
said in all evidence of its clip.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, aliased

from store.interfaces import TextIndex
from store.records import Scope
from store.tables import EmbeddingRow, EvidenceRow, VideoRow
from store.timespan import TimeSpan


def overlapping(
    within: TimeSpan, start: InstrumentedAttribute[int], end: InstrumentedAttribute[int]
) -> ColumnElement[bool]:
    """Say that a stored span and ``within`` share time; an instant counts where it lies inside."""
    first, last = within.start_milliseconds, within.end_milliseconds
    return and_(start < last, or_(end > first, start == first))


def conditions(
    scope: Scope, searched: type[EvidenceRow] | type[EmbeddingRow], texts: TextIndex
) -> list[ColumnElement[bool]]:
    """List what a row of a statement over video and evidence must satisfy.

    Args:
        scope: What may be found.
        searched: Whose span ``scope.within`` limits, and whose clip ``scope.without``.
        texts: The full-text index of the database.

    Returns:
        Nothing where everything may be found.
    """
    wanted = [*video_conditions(scope), *_of_evidence(scope)]
    wanted += word_conditions(scope, searched.clip, EvidenceRow.id, texts)
    if scope.within is not None:
        start, end = searched.start_milliseconds, searched.end_milliseconds
        wanted.append(overlapping(scope.within, start, end))
    return wanted


def word_conditions(
    scope: Scope,
    clip: InstrumentedAttribute[int],
    evidence: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
    texts: TextIndex,
) -> Iterator[ColumnElement[bool]]:
    """List what a row must satisfy for the words of its evidence and of its clip.

    Args:
        scope: What may be found.
        clip: Row id of the clip.
        evidence: Row id of the evidence; null for a picture, which holds no phrase.
        texts: The full-text index of the database.
    """
    if scope.phrases:
        yield evidence.in_(texts.holding(scope.phrases))
    if len(scope.phrases) > 1:
        for phrase in scope.phrases:
            yield clip.in_(_clips_of(texts.holding([phrase])))
    if scope.without:
        yield clip.not_in(_clips_of(texts.holding(scope.without)))


def _clips_of(rows: Select[Any]) -> Select[Any]:
    beside = aliased(EvidenceRow)
    return select(beside.clip).where(beside.id.in_(rows))


def video_conditions(scope: Scope) -> Iterator[ColumnElement[bool]]:
    """List what a row of a statement over video must satisfy."""
    if scope.video_ids is not None:
        yield VideoRow.video_id.in_(scope.video_ids)
    if scope.series is not None:
        yield func.lower(VideoRow.series) == scope.series.lower()
    if scope.season is not None:
        yield VideoRow.season == scope.season
    if scope.up_to_episode is not None or scope.from_episode is not None:
        yield VideoRow.season.is_not(None)
        yield VideoRow.episode.is_not(None)
    if scope.up_to_episode is not None:
        yield tuple_(VideoRow.season, VideoRow.episode) <= tuple_(*scope.up_to_episode)
    if scope.from_episode is not None:
        yield tuple_(VideoRow.season, VideoRow.episode) >= tuple_(*scope.from_episode)


def _of_evidence(scope: Scope) -> Iterator[ColumnElement[bool]]:
    if scope.kinds is not None:
        yield EvidenceRow.kind.in_([str(kind) for kind in scope.kinds])
    if scope.language is not None:
        yield func.coalesce(EvidenceRow.language, VideoRow.language) == scope.language
    if scope.speaker is not None:
        yield func.lower(EvidenceRow.speaker) == scope.speaker.lower()
