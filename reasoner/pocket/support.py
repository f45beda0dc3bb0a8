"""How far a text supports an answer to a question: signals, and the one probability they make.

Apart because the grounder weighs lines by them, the verifier spans, and both must mean the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reasoner.pocket.expectation import can_answer
from reasoner.pocket.wording import WordCover, content_words
from retriever.interfaces import QueryEncoder


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for one text.

    Attributes:
        cosine: Between question and text, the statement's where that is higher.
        mean_cover: Of the question's content words, see ``WordCover``.
        least_cover: Of the word that is covered worst: what the text says nothing about.
        has_shape: The text holds something of the kind that is asked for.
        surprise_saved: Mean natural-log probability that a token of the question gains from the
            text, less what
            it gains from the best of the texts compared: 0 for the best and where none was read,
                else negative.
    """

    cosine: float
    mean_cover: float
    least_cover: float
    has_shape: bool
    surprise_saved: float = 0.0


class SupportReader:
    """Reads the signals that need no language model.

    Args:
        encoder: Of questions and evidence alike.
    """

    def __init__(self, encoder: QueryEncoder) -> None:
        self._encoder = encoder
        self._cover = WordCover(encoder)

    def cosines(self, question: str, statement: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Compare texts with a question and with its statement; the better counts.

        Returns:
            ``(S,)`` in the order of ``texts``.
        """
        if not texts:
            return np.zeros(0, dtype=np.float32)
        rows = self._encoder.encode_text([question, statement, *texts])
        best: NDArray[np.float32] = (rows[2:] @ rows[:2].T).max(axis=1)
        return best

    def cover(self, question: str, text: str) -> tuple[float, float]:
        """Return mean and least cover of the question's content words; 1 where it has none."""
        if not content_words(question):
            return 1.0, 1.0
        covers = self._cover.covers(question, text)
        return float(covers.mean()), float(covers.min())

    def signals(self, question: str, cosine: float, text: str, context: str) -> Signals:
        """Gather the signals of a text.

        Args:
            question: As asked, without limits.
            cosine: As ``cosines`` measured it.
            text: What may be the answer.
            context: The text and what stands around it: a name may have been said a sentence
                earlier.
        """
        mean_cover, least_cover = self.cover(question, context)
        return Signals(
            cosine=float(cosine),
            mean_cover=mean_cover,
            least_cover=least_cover,
            has_shape=can_answer(question, text),
        )


@dataclass(frozen=True, slots=True)
class SupportWeights:
    """A logistic model over ``Signals``; one half is where answering begins.

    Source: round weights chosen on 58 questions (the invented films of
        ``benchmarks/development`` and the sample film's tuning questions), where fitting them
        by logistic regression did no better on questions left out. What the language model adds
        there is within the noise, so its weight is small. A text without the shape is no
        answer: what it costs loses none of the right answers to the 58.
    """

    bias: float
    cosine: float
    mean_cover: float
    least_cover: float
    has_shape: float
    surprise_saved: float = 0.0

    def probability(self, signals: Signals) -> float:
        """Weigh the signals into a probability that the text answers the question."""
        total = (
            self.bias
            + self.cosine * signals.cosine
            + self.mean_cover * signals.mean_cover
            + self.least_cover * signals.least_cover
            + self.has_shape * signals.has_shape
            + self.surprise_saved * signals.surprise_saved
        )
        return float(1.0 / (1.0 + np.exp(-total)))


GROUNDING_WEIGHTS = SupportWeights(-7.5, 5.0, 3.0, 1.0, 3.0)
VERIFYING_WEIGHTS = SupportWeights(-7.5, 5.0, 3.0, 1.0, 3.0, 0.5)
