"""Answers in words that are none of those accepted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cinedex.datasets.query import DatasetQuery
from cinedex.evaluation.prediction import Prediction
from reasoner.metrics.answer_f1 import answer_f1
from reasoner.metrics.exact_match import exact_match


@dataclass(frozen=True, slots=True)
class AnswerFailure:
    """A question whose answer is none of the accepted wordings (EM of 0).

    Attributes:
        accepted: At least one.
        said: Empty where it abstained, or was not asked.
        f1: Of the words, in ``[0, 1]``.
    """

    query_id: str
    text: str
    accepted: tuple[str, ...]
    said: str
    f1: float


def said_in_words(prediction: Prediction | None) -> str:
    """Return the answer as it is measured; empty where there is none."""
    answer = None if prediction is None else prediction.answer
    return "" if answer is None or answer.abstained else answer.text


def answer_failures(
    queries: Iterable[DatasetQuery], predictions: Mapping[str, Prediction]
) -> list[AnswerFailure]:
    """List the worst first, else as in the dataset."""
    failures = []
    for query in queries:
        said = said_in_words(predictions.get(query.query_id))
        if query.answers and not exact_match(said, query.answers):
            f1 = answer_f1(said, query.answers)
            failures.append(AnswerFailure(query.query_id, query.text, query.answers, said, f1))
    return sorted(failures, key=lambda failure: failure.f1)
