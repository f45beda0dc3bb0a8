"""Records to rows and back."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from store.errors import LibraryDamagedError
from store.mark import Mark, Verdict
from store.records import (
    Clip,
    Evidence,
    EvidenceKind,
    Skip,
    Space,
    StageRun,
    Summary,
    SummaryLevel,
    TimedWord,
    Video,
)
from store.scope_values import read_scope, scope_values
from store.tables import (
    ClipRow,
    EvidenceRow,
    MarkRow,
    SpaceRow,
    StageRunRow,
    SummaryRow,
    VideoRow,
)
from store.timespan import MILLISECONDS_PER_SECOND, TimeSpan

_SAME_NAME = (
    *("video_id", "title", "file_bytes", "width_pixels", "height_pixels", "video_codec"),
    *("audio_codec", "language", "start_timecode", "series", "season", "episode"),
    "year",
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_Given = ParamSpec("_Given")
_Record = TypeVar("_Record")


def _from_the_catalogue(read: Callable[_Given, _Record]) -> Callable[_Given, _Record]:
    """Call a row damaged where it says what no record can."""

    @wraps(read)
    def named(*given: _Given.args, **named: _Given.kwargs) -> _Record:
        try:
            return read(*given, **named)
        except (ValueError, TypeError, ArithmeticError) as error:
            raise LibraryDamagedError(
                f"the catalogue says what was never written into it ({error}); run "
                "`cinedex check --repair`"
            ) from error

    return named


def video_columns(video: Video) -> dict[str, Any]:
    """Spell a video as column values."""
    rate = video.frame_rate
    return {name: getattr(video, name) for name in _SAME_NAME} | {
        "paths": list(video.paths),
        "duration_milliseconds": round(video.duration_seconds * MILLISECONDS_PER_SECOND),
        "frame_rate_numerator": None if rate is None else rate.numerator,
        "frame_rate_denominator": None if rate is None else rate.denominator,
        "skips": [[skip.stage, skip.reason] for skip in video.skips],
    }


@_from_the_catalogue
def video_record(row: VideoRow) -> Video:
    """Read a video."""
    rate = None
    if row.frame_rate_numerator is not None and row.frame_rate_denominator:
        rate = Fraction(row.frame_rate_numerator, row.frame_rate_denominator)
    return Video(
        **{name: getattr(row, name) for name in _SAME_NAME},
        paths=tuple(row.paths),
        duration_seconds=row.duration_milliseconds / MILLISECONDS_PER_SECOND,
        frame_rate=rate,
        skips=tuple(Skip(stage, reason) for stage, reason in row.skips),
    )


def span_columns(span: TimeSpan) -> dict[str, int]:
    """Spell a span as column values."""
    return {
        "start_milliseconds": span.start_milliseconds,
        "end_milliseconds": span.end_milliseconds,
    }


@_from_the_catalogue
def clip_record(row: ClipRow, video_id: str) -> Clip:
    """Read a clip of the video with this id."""
    return Clip(video_id, row.ordinal, span_record(row.start_milliseconds, row.end_milliseconds))


def evidence_columns(
    evidence: Evidence, video_row: int, clip_rows: Mapping[int, int]
) -> dict[str, Any]:
    """Spell evidence as column values.

    Args:
        evidence: Of the video below.
        video_row: The video's row id.
        clip_rows: Clip ordinal to row id.
    """
    return {
        "video": video_row,
        "clip": clip_rows[evidence.clip_ordinal],
        "kind": str(evidence.kind),
        "ordinal": evidence.ordinal,
        **span_columns(evidence.span),
        "text": evidence.text,
        "source": evidence.source,
        "confidence": evidence.confidence,
        "language": evidence.language,
        "speaker": evidence.speaker,
        "words": [
            [word.text, word.span.start_milliseconds, word.span.end_milliseconds]
            for word in evidence.words
        ],
    }


@_from_the_catalogue
def evidence_record(row: EvidenceRow, video_id: str, clip_ordinal: int) -> Evidence:
    """Read evidence of one clip of the video with this id."""
    return Evidence(
        video_id=video_id,
        kind=EvidenceKind(row.kind),
        ordinal=row.ordinal,
        clip_ordinal=clip_ordinal,
        span=span_record(row.start_milliseconds, row.end_milliseconds),
        text=row.text,
        source=row.source,
        confidence=row.confidence,
        language=row.language,
        speaker=row.speaker,
        words=tuple(TimedWord(text, span_record(start, end)) for text, start, end in row.words),
    )


def places_of(evidence: Iterable[Evidence]) -> dict[tuple[str, int], Evidence]:
    """Map evidence of one video by kind and ordinal."""
    return {(str(part.kind), part.ordinal): part for part in evidence}


def summary_columns(summary: Summary, video_row: int) -> dict[str, Any]:
    """Spell a summary as column values; its evidence is named, not kept twice."""
    return {
        "video": video_row,
        "level": str(summary.level),
        "ordinal": summary.ordinal,
        **span_columns(summary.span),
        "evidence": [list(place) for place in places_of(summary.evidence)],
    }


@_from_the_catalogue
def summary_places(row: SummaryRow) -> list[tuple[str, int]]:
    """Read the kind and ordinal of each piece of evidence that a summary names."""
    return [(str(kind), int(ordinal)) for kind, ordinal in row.evidence]


@_from_the_catalogue
def summary_record(
    row: SummaryRow, video_id: str, evidence: Mapping[tuple[str, int], Evidence]
) -> Summary:
    """Read a summary of the video with this id."""
    places = summary_places(row)
    if missing := [place for place in places if place not in evidence]:
        raise ValueError(f"a summary names evidence {missing[0]}, which is not there")
    return Summary(
        video_id=video_id,
        level=SummaryLevel(row.level),
        ordinal=row.ordinal,
        span=span_record(row.start_milliseconds, row.end_milliseconds),
        evidence=tuple(evidence[place] for place in places),
    )


@_from_the_catalogue
def space_record(row: SpaceRow) -> Space:
    """Read a space."""
    return Space(row.space_id, row.encoder_id, row.query_encoder_id, row.dimension, row.embeds)


@_from_the_catalogue
def stage_run_record(row: StageRunRow) -> StageRun:
    """Read a finished stage."""
    return StageRun(row.stage, row.key, row.seconds)


def mark_columns(mark: Mark) -> dict[str, Any]:
    """Spell a mark as column values, all of them: several marks go into one statement."""
    return {
        "query": mark.query,
        "scope": scope_values(mark.scope),
        "verdict": str(mark.verdict),
        "marked_at_milliseconds": (mark.marked_at - _EPOCH) // timedelta(milliseconds=1),
        "video_id": mark.video_id,
        "start_milliseconds": mark.span and mark.span.start_milliseconds,
        "end_milliseconds": mark.span and mark.span.end_milliseconds,
        "shown_start_milliseconds": mark.shown and mark.shown.start_milliseconds,
        "shown_end_milliseconds": mark.shown and mark.shown.end_milliseconds,
        "note": mark.note,
    }


@_from_the_catalogue
def mark_record(row: MarkRow) -> Mark:
    """Read a mark."""
    return Mark(
        query=row.query,
        scope=read_scope(row.scope),
        verdict=Verdict(row.verdict),
        marked_at=_EPOCH + timedelta(milliseconds=row.marked_at_milliseconds),
        video_id=row.video_id,
        span=_span_or_none(row.start_milliseconds, row.end_milliseconds),
        shown=_span_or_none(row.shown_start_milliseconds, row.shown_end_milliseconds),
        note=row.note,
    )


def _span_or_none(start_milliseconds: int | None, end_milliseconds: int | None) -> TimeSpan | None:
    if start_milliseconds is None or end_milliseconds is None:
        return None
    return span_record(start_milliseconds, end_milliseconds)


@_from_the_catalogue
def span_record(start_milliseconds: int, end_milliseconds: int) -> TimeSpan:
    """Read a span."""
    return TimeSpan.from_milliseconds(start_milliseconds, end_milliseconds)
