"""One value for every query, so that the mean, its interval and paired tests can follow."""

from collections.abc import Callable, Mapping, Sized
from enum import StrEnum
from typing import TypeVar

Prediction = TypeVar("Prediction")
Truth = TypeVar("Truth")
Value = TypeVar("Value")
MAX_NAMED = 3


class Omission(StrEnum):
    """Queries that a reference leaves out of its mean; here they are misses, and count.

    Attributes:
        ABSENT: Queries that the predictions do not name: NExT-GQA, trec_eval without ``-c``,
            TimeChat with ``--sample``.
        EMPTY: Those, and queries for which nothing was predicted: MR-mAP in moment_detr.
    """

    ABSENT = "absent"
    EMPTY = "empty"


def per_query(
    measure: Callable[[Prediction, Truth], Value],
    predictions: Mapping[str, Prediction],
    truths: Mapping[str, Truth],
    missing: Prediction,
    compat: Omission | None = None,
) -> dict[str, Value]:
    """Score every query that something is known to be true of.

    Args:
        measure: Scores one query; further arguments are bound with ``functools.partial``.
        predictions: By query id; queries may be missing.
        truths: By query id.
        missing: Stands for no prediction, such as ``()`` for no spans.
        compat: Leaves out queries as a reference does.

    Returns:
        Query id to value, in the order of ``truths``.

    Raises:
        ValueError: A prediction for a query that is not asked, no query at all, or an input that
            the measure refuses; names the query.

    Example:
        >>> from functools import partial
        >>> from retriever.metrics.recall import recall_at_k
        >>> measure = partial(recall_at_k, k=5)
        >>> per_query(measure, {"q1": ["b"]}, {"q1": {"a", "b"}, "q2": {"c"}}, missing=())
        {'q1': 0.5, 'q2': 0.0}
    """
    unknown = [query_id for query_id in predictions if query_id not in truths]
    if unknown:
        raise ValueError(
            f"{len(unknown)} predictions are for queries that were not asked, such as "
            f"{', '.join(unknown[:MAX_NAMED])}; evaluate them against their own ground truth"
        )
    kept = [query_id for query_id in truths if not _is_left_out(query_id, predictions, compat)]
    if not kept:
        raise ValueError("there is no query to score")
    return {
        query_id: _score(measure, query_id, predictions.get(query_id, missing), truths[query_id])
        for query_id in kept
    }


def _score(
    measure: Callable[[Prediction, Truth], Value],
    query_id: str,
    prediction: Prediction,
    truth: Truth,
) -> Value:
    try:
        return measure(prediction, truth)
    except ValueError as error:
        raise ValueError(f"query {query_id}: {error}") from error


def _is_left_out(query_id: str, predictions: Mapping[str, object], compat: Omission | None) -> bool:
    if compat is None or query_id not in predictions:
        return compat is not None
    prediction = predictions[query_id]
    return compat is Omission.EMPTY and isinstance(prediction, Sized) and len(prediction) == 0
