"""What a stage found, before it has a place in a video's index."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from store.records import Clip, Evidence, EvidenceKind, TimedWord
from store.timespan import TimeSpan


@dataclass(frozen=True, slots=True)
class Finding:
    """One timed fact; the fields are those of ``store.records.Evidence`` that a stage can know."""

    kind: EvidenceKind
    span: TimeSpan
    text: str
    source: str
    confidence: float | None = None
    language: str | None = None
    speaker: str | None = None
    words: tuple[TimedWord, ...] = ()


def spell_findings(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Say findings in JSON; every bit of a time is kept."""
    return [
        {
            "kind": str(finding.kind),
            "span": _bounds(finding.span),
            "text": finding.text,
            "source": finding.source,
            "confidence": finding.confidence,
            "language": finding.language,
            "speaker": finding.speaker,
            "words": [[word.text, *_bounds(word.span)] for word in finding.words],
        }
        for finding in findings
    ]


def read_findings(spelled: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """Read what ``spell_findings`` said."""
    return [
        Finding(
            kind=EvidenceKind(values["kind"]),
            span=TimeSpan(*values["span"]),
            text=values["text"],
            source=values["source"],
            confidence=values["confidence"],
            language=values["language"],
            speaker=values["speaker"],
            words=tuple(
                TimedWord(text, TimeSpan(start, end)) for text, start, end in values["words"]
            ),
        )
        for values in spelled
    ]


def _bounds(span: TimeSpan) -> list[float]:
    return [span.start_seconds, span.end_seconds]


def place_findings(
    video_id: str, findings: Iterable[Finding], clips: Sequence[Clip]
) -> tuple[Evidence, ...]:
    """Number findings in time order per kind and give each to the clip that holds most of it.

    Args:
        video_id: Of the video that they were found in.
        findings: In any order.
        clips: At least one, in time order; they cover the video without gaps.
    """
    counts: Counter[EvidenceKind] = Counter()
    starts = [clip.span.start_seconds for clip in clips]
    placed = []
    for finding in sorted(findings, key=lambda found: (found.span, found.kind, found.text)):
        clip = _clip_of(finding.span, clips, starts)
        placed.append(
            Evidence(
                video_id=video_id,
                kind=finding.kind,
                ordinal=counts[finding.kind],
                clip_ordinal=clip.ordinal,
                span=finding.span,
                text=finding.text,
                source=finding.source,
                confidence=finding.confidence,
                language=finding.language,
                speaker=finding.speaker,
                words=finding.words,
            )
        )
        counts[finding.kind] += 1
    return tuple(placed)


def _clip_of(span: TimeSpan, clips: Sequence[Clip], starts: Sequence[float]) -> Clip:
    """Find the clip that holds most of a span, or is nearest to it; of equals the first."""
    first = max(0, bisect_left(starts, span.start_seconds) - 1)
    end = bisect_right(starts, span.end_seconds)
    return max(
        clips[first : max(end, first + 1)],
        key=lambda clip: (clip.span.shared_seconds(span), -clip.span.gap_seconds(span)),
    )
