"""What was heard in one piece of a track, and the plain form in which it is saved on the way.

A run that goes on after a crash reads what the first had saved: the form keeps every bit.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from indexer.findings import Finding, read_findings, spell_findings
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
        **asdict(heard),
        "span": [heard.span.start_seconds, heard.span.end_seconds],
        "findings": spell_findings(heard.findings),
    }


def from_json(values: Mapping[str, Any]) -> PieceTranscript:
    """Read what ``to_json`` returned."""
    return PieceTranscript(
        **{
            **values,
            "span": TimeSpan(*values["span"]),
            "findings": tuple(read_findings(values["findings"])),
        }
    )
