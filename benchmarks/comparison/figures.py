"""Means over queries with their intervals, and paired differences, each half for itself.

Values of one query in several seeds are averaged first, and queries are resampled whole.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.comparison.judging import Scored
from benchmarks.needle.figures import DIGITS
from benchmarks.needle.plan import KINDS
from retriever.metrics.interval import bootstrap_intervals
from retriever.metrics.paired import paired_differences

P_DIGITS = 4


def figures_of(scored: Sequence[Scored], rival: Sequence[Scored]) -> dict[str, Any]:
    """Sum up one way.

    Args:
        scored: At least one query of each half.
        rival: What it is compared with, at the same queries.

    Returns:
        Half to ``queries``, ``measures``, the first of them by kind, and ``differences``.
    """
    halves = dict.fromkeys(one.query.half for one in scored)
    return {half: _summary(_of_half(scored, half), _of_half(rival, half)) for half in halves}


def _summary(scored: Sequence[Scored], rival: Sequence[Scored]) -> dict[str, Any]:
    measures = list(scored[0].values)
    kinds = {kind: [one for one in scored if one.query.kind == kind] for kind in KINDS}
    first = measures[:1]
    return {
        "queries": len({one.query.key for one in scored}),
        "measures": bounds(scored, measures),
        f"{first[0]} by kind": {
            kind: bounds(group, first)[first[0]] for kind, group in kinds.items() if group
        },
        "differences": _differences(scored, rival, measures),
    }


def bounds(scored: Sequence[Scored], measures: Sequence[str]) -> dict[str, dict[str, float]]:
    """Give the means of measures with their intervals."""
    values = np.stack(list(averaged(scored, measures).values()))
    return {
        measure: {
            "mean": round(float(mean), DIGITS),
            "low": round(float(low), DIGITS),
            "high": round(float(high), DIGITS),
        }
        for measure, mean, (low, high) in zip(
            measures, values.mean(axis=0), bootstrap_intervals(values), strict=True
        )
    }


def _differences(
    scored: Sequence[Scored], rival: Sequence[Scored], measures: Sequence[str]
) -> dict[str, Any]:
    ours, theirs = averaged(scored, measures), averaged(rival, measures)
    if ours.keys() != theirs.keys():
        raise ValueError("two ways can only be paired at the same queries")
    keys = list(ours)
    if all(np.array_equal(ours[key], theirs[key]) for key in keys):
        return {measure: {"mean": 0.0, "low": 0.0, "high": 0.0, "p": 1.0} for measure in measures}
    made = paired_differences([ours[key] for key in keys], [theirs[key] for key in keys])
    return {
        measure: {
            "mean": round(one.mean, DIGITS),
            "low": round(one.low, DIGITS),
            "high": round(one.high, DIGITS),
            "p": round(one.p_value, P_DIGITS),
        }
        for measure, one in zip(measures, made, strict=True)
    }


def averaged(
    scored: Sequence[Scored], measures: Sequence[str]
) -> Mapping[str, NDArray[np.float64]]:
    """Average each query's values over its seeds: key to ``(M,)``."""
    rows: dict[str, list[list[float]]] = {}
    for one in scored:
        rows.setdefault(one.query.key, []).append([one.values[measure] for measure in measures])
    return {key: np.mean(group, axis=0) for key, group in rows.items()}


def _of_half(scored: Sequence[Scored], half: str) -> list[Scored]:
    return [one for one in scored if one.query.half == half]
