"""Records as JSON can say them: one spelling for the canonical dump and for archives.

What tells a part from others of its kind is left to the caller: a dump names evidence by its id,
an archive by kind and number.
"""

from typing import Any

from store.records import Embedding, Evidence, Space, Summary
from store.timespan import TimeSpan


def spell_span(span: TimeSpan) -> dict[str, int]:
    """Spell a span in milliseconds."""
    return {"start": span.start_milliseconds, "end": span.end_milliseconds}


def spell_space(space: Space) -> dict[str, Any]:
    """Spell a space."""
    return {
        "space_id": space.space_id,
        "encoder_id": space.encoder_id,
        "query_encoder_id": space.query_encoder_id,
        "dimension": space.dimension,
        "embeds": space.embeds,
    }


def spell_evidence(evidence: Evidence) -> dict[str, Any]:
    """Spell evidence without its identity."""
    return {
        "clip": evidence.clip_ordinal,
        **spell_span(evidence.span),
        "text": evidence.text,
        "source": evidence.source,
        "confidence": evidence.confidence,
        "language": evidence.language,
        "speaker": evidence.speaker,
        "words": [[word.text, *spell_span(word.span).values()] for word in evidence.words],
    }


def spell_embedding(embedding: Embedding) -> dict[str, Any]:
    """Spell an embedding without its vector."""
    return {
        "space_id": embedding.space_id,
        "clip": embedding.clip_ordinal,
        "evidence_id": embedding.evidence_id,
        **spell_span(embedding.span),
    }


def spell_summary(summary: Summary) -> dict[str, Any]:
    """Spell a summary; its evidence by id."""
    return {
        "level": str(summary.level),
        "ordinal": summary.ordinal,
        **spell_span(summary.span),
        "evidence": [part.evidence_id for part in summary.evidence],
    }
