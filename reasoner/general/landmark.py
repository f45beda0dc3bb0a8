"""The moment that time is told by: found by likeness, believed where its words are there."""

from collections.abc import Sequence

from reasoner.answer import GroundedSpan
from reasoner.general.subject import word_key
from reasoner.interfaces import EvidenceSource
from reasoner.pocket.wording import content_words
from retriever.words import STOP_WORDS, split_words

ZOOM = 0.5
"""Share of a span's length that is added on both sides: what is said there tells of it too."""
SURE = 0.85
"""Verifier's probability from which a moment is believed that its words do not name.

Source: 38 descriptions, 18 of them of things that do not happen in the sample film and the films of
``benchmarks/development``: of those without a word for what happens ("the rocket explodes") the
likeliest reached 0.83.
"""


def landmark(
    words: str, candidates: Sequence[GroundedSpan], library: EvidenceSource
) -> GroundedSpan | None:
    """Choose the moment that words describe; ``None`` where none is likely enough.

    Args:
        words: As the question has them.
        candidates: Likelier than not, best first.
        library: Tells what stands around them.

    Returns:
        The best that holds every word that carries meaning, or that was seen; else the best, if it
        is sure.
    """
    telling = content_words(words) or [w for w in split_words(words) if w not in STOP_WORDS]
    keys = {word_key(word) for word in telling}
    for span in candidates:
        zoomed = span.span.widened(
            ZOOM * span.span.duration_seconds, limit_seconds=span.video.duration_seconds
        )
        around = library.evidence(span.video.video_id, zoomed)
        told = {word_key(word) for line in around for word in split_words(line.text)}
        if span.is_seen or (keys and keys <= told):
            return span
    return next((span for span in candidates if probability(span) >= SURE), None)


def probability(span: GroundedSpan) -> float:
    """Return how likely a span is the one: the verifier's word, or else the grounder's."""
    return span.confidence if span.yes_probability is None else span.yes_probability
