"""What was heard in one piece of a track, and the plain form in which it is saved on the way.

A run that goes on after a crash reads what the first had saved: the form keeps every bit.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from indexer.findings import Finding
from store.json_values import JsonObject, any_text, items
from store.records import EvidenceKind, TimedWord
from store.timespan import TimeSpan


@dataclass(frozen=True, slots=True)
class PieceTranscript:
    """What was heard in one piece.

    Attributes:
        index: Of the piece, counted from the start of the track.
        span: Of the piece, in video time.
        findings: Sentences of kind ``speech`` with word times, in time order; empty where the piece
            as a whole was not understood.
        language: ISO 639-1 code that it was decoded as; ``None`` where nothing was decoded.
        language_probability: In ``[0, 1]`` where the model found the language out from this piece.
        voice_seconds: How much voice there was to make words of.
        clear_seconds: How much of it was understood.
        is_refused: Too little was understood, so that nothing is kept.
    """

    index: int
    span: TimeSpan
    findings: tuple[Finding, ...] = ()
    language: str | None = None
    language_probability: float | None = None
    voice_seconds: float = 0.0
    clear_seconds: float = 0.0
    is_refused: bool = False


def to_json(heard: PieceTranscript) -> dict[str, Any]:
    """Return what ``json.dumps`` takes; ``from_json`` gives back an equal transcript."""
    return {
        "index": heard.index,
        "span": _bounds(heard.span),
        "findings": [_spell(finding) for finding in heard.findings],
        "language": heard.language,
        "language_probability": heard.language_probability,
        "voice_seconds": heard.voice_seconds,
        "clear_seconds": heard.clear_seconds,
        "is_refused": heard.is_refused,
    }


def from_json(value: object) -> PieceTranscript:
    """Read what ``to_json`` returned.

    Raises:
        ValueError: It is something else, or from another version.
    """
    values = JsonObject(value)
    heard = PieceTranscript(
        index=values.integer("index"),
        span=_span(values.items("span")),
        findings=tuple(_finding(JsonObject(each)) for each in values.items("findings")),
        language=values.text_or_none("language"),
        language_probability=values.number_or_none("language_probability"),
        voice_seconds=values.number("voice_seconds"),
        clear_seconds=values.number("clear_seconds"),
        is_refused=values.truth("is_refused"),
    )
    values.close()
    return heard


def _spell(finding: Finding) -> Mapping[str, Any]:
    return {
        "kind": str(finding.kind),
        "span": _bounds(finding.span),
        "text": finding.text,
        "source": finding.source,
        "confidence": finding.confidence,
        "language": finding.language,
        "speaker": finding.speaker,
        "words": [[word.text, *_bounds(word.span)] for word in finding.words],
    }


def _finding(values: JsonObject) -> Finding:
    finding = Finding(
        kind=EvidenceKind(values.text("kind")),
        span=_span(values.items("span")),
        text=values.text("text"),
        source=values.text("source"),
        confidence=values.number_or_none("confidence"),
        language=values.text_or_none("language"),
        speaker=values.text_or_none("speaker"),
        words=tuple(_word(word) for word in values.items("words")),
    )
    values.close()
    return finding


def _word(value: object) -> TimedWord:
    text, start, end = items(value, "words", 3)
    return TimedWord(any_text(text, "words"), _span([start, end]))


def _bounds(span: TimeSpan) -> list[float]:
    return [span.start_seconds, span.end_seconds]


def _span(value: object) -> TimeSpan:
    bounds = items(value, "span", 2)
    if not all(type(bound) in (int, float) for bound in bounds):
        raise ValueError(f"{json.dumps(bounds):.80} are no bounds of a span")
    start, end = (float(str(bound)) for bound in bounds)
    return TimeSpan(start, end)
