"""Means over queries with their intervals, and two runs compared."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinedex.datasets.query import DatasetQuery
from cinedex.evaluation.measures import Measure
from cinedex.evaluation.prediction import Prediction
from retriever.metrics.interval import bootstrap_intervals
from retriever.metrics.paired import Difference, paired_differences
from retriever.metrics.per_query import per_query


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure over all queries to which it applies.

    Attributes:
        mean: In ``[0, 1]``, as are the bounds of its 95% interval.
        difference: To another run at the same queries; ``None`` where there is no other.
    """

    name: str
    mean: float
    low: float
    high: float
    num_queries: int
    difference: Difference | None = None


def figures_of(
    measures: Iterable[Measure],
    queries: Sequence[DatasetQuery],
    predictions: Mapping[str, Prediction],
    others: Mapping[str, Prediction] | None = None,
    seed: int = 0,
) -> list[Figure]:
    """Score every query by every measure that applies, and sum up.

    Args:
        measures: In the order of the result; one that applies to no query is left out.
        queries: What is asked of; a query without a prediction is a miss.
        predictions: By query id, none for a query that is not among ``queries``.
        others: Of another run, to compare with.
        seed: Of the resampling.
    """
    # Measures of the same queries are resampled together.
    alike: dict[tuple[str, ...], list[Measure]] = defaultdict(list)
    names = []
    for measure in measures:
        ids = tuple(query.query_id for query in queries if measure.applies(query))
        if ids:
            alike[ids].append(measure)
            names.append(measure.name)
    asked = {query.query_id: query for query in queries}
    figures = {}
    for ids, group in alike.items():
        truths = {query_id: asked[query_id] for query_id in ids}
        values = _values(group, truths, predictions)
        rival = None if others is None else _values(group, truths, others)
        for figure in _summed_up(group, values, rival, seed):
            figures[figure.name] = figure
    return [figures[name] for name in names]


def _values(
    measures: Sequence[Measure],
    truths: Mapping[str, DatasetQuery],
    predictions: Mapping[str, Prediction],
) -> NDArray[np.float64]:
    """Return ``(Q, M)``."""
    made = {query_id: predictions[query_id] for query_id in truths if query_id in predictions}
    columns = [
        list(per_query(measure.score, made, truths, missing=Prediction("")).values())
        for measure in measures
    ]
    return np.column_stack(columns)


def _summed_up(
    measures: Sequence[Measure],
    values: NDArray[np.float64],
    rival: NDArray[np.float64] | None,
    seed: int,
) -> list[Figure]:
    differences: Sequence[Difference | None] = [None] * len(measures)
    if rival is not None:
        differences = paired_differences(values, rival, seed)
    bounds = bootstrap_intervals(values, seed=seed)
    means = values.mean(axis=0)
    return [
        Figure(measure.name, float(mean), float(low), float(high), len(values), difference)
        for measure, mean, (low, high), difference in zip(
            measures, means, bounds, differences, strict=True
        )
    ]
