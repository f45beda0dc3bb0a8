"""From an answer to the choice that it stands for."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from reasoner.answer import Answer
from retriever.interfaces import QueryEncoder
from store.records import Video
from store.timespan import TimeSpan


class Chooser(Protocol):
    """Says which choice was taken."""

    def choose(self, answer: Answer, choices: Sequence[str]) -> int | None:
        """Return the number of a choice from 0, or ``None`` where none was taken."""


class NearestChoice:
    """Takes the choice that is nearest to the words of the answer.

    The question is put without its choices; the model that answers does not see them.

    Args:
        encoder: Whose cosine says what is near.
    """

    def __init__(self, encoder: QueryEncoder) -> None:
        self._encoder = encoder

    def choose(self, answer: Answer, choices: Sequence[str]) -> int | None:
        """Return the nearest choice, the first of equals; ``None`` for an abstention."""
        if answer.abstained or not answer.text.strip():
            return None
        said, *written = self._encoder.encode_text([answer.text, *choices])
        return max(range(len(choices)), key=lambda number: float(written[number] @ said))


@runtime_checkable
class LookingChooser(Protocol):
    """An answerer that chooses from what it sees; that of VideoMind is one."""

    def choose(
        self, question: str, options: Sequence[str], video: Video, span: TimeSpan
    ) -> int | None:
        """Return the number of an option from 0, or ``None`` where none was named."""


class SeenChoice:
    """Lets the answerer choose from the best span.

    Args:
        answerer: That has just answered.
    """

    def __init__(self, answerer: LookingChooser) -> None:
        self._answerer = answerer

    def choose(self, answer: Answer, choices: Sequence[str]) -> int | None:
        """Return what the answerer chooses; ``None`` for an abstention."""
        if answer.abstained or not answer.spans:
            return None
        best = answer.spans[0]
        return self._answerer.choose(answer.question, choices, best.video, best.span)
