"""What answering a question came to, before it is bundled as an answer."""

from dataclasses import dataclass

from reasoner.answer import DraftAnswer, GroundedSpan
from retriever.moment import Moment


@dataclass(frozen=True, slots=True)
class Finding:
    """A draft and what it was made from.

    Attributes:
        spans: Where the answer is seen or heard, best first.
        moments: What the retriever offered.
    """

    draft: DraftAnswer
    spans: tuple[GroundedSpan, ...] = ()
    moments: tuple[Moment, ...] = ()


NEUTRAL_CONFIDENCE = 0.5
"""Of what nothing measured: a retriever's scores, or a scan of all lines, are no probabilities."""
