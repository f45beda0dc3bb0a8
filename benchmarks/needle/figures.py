"""Means over queries with their intervals, and how far absent queries stand apart.

A query comes in several seeds, on another film each time. Its values are averaged first and queries
are resampled whole, so that seeds do not pass for so many more queries.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.needle.footage import HALVES
from benchmarks.needle.judging import CLIP_IOU, EVERYTHING, PLACED_IOU, Judged
from benchmarks.needle.plan import KINDS
from retriever.metrics.interval import bootstrap_interval

AUC_RESAMPLES = 2_000
DIGITS = 3


def figures_of(judged: Mapping[str, Sequence[Judged]]) -> dict[str, Any]:
    """Put the judgements of all seeds together, each half for itself.

    Args:
        judged: Choice of sources to every query of every seed, in the same order for all choices.
    """
    return {
        half: {
            "sources": {name: _by_kind(_of_half(made, half)) for name, made in judged.items()},
            "differences": {
                name: _differences(_of_half(judged[EVERYTHING], half), _of_half(made, half))
                for name, made in judged.items()
                if name != EVERYTHING
            },
            "placing": _placing(_of_half(judged[EVERYTHING], half)),
            "absent": {name: _absent(_of_half(made, half)) for name, made in judged.items()},
        }
        for half in HALVES
    }


def area_under_curve(answerable: Sequence[Judged], absent: Sequence[Judged]) -> dict[str, float]:
    """Give the probability that an answerable query scores higher than an absent one.

    Ties count half. The interval is a percentile bootstrap that resamples sources of queries, for
    one may be answerable in one seed and absent in another.

    Args:
        answerable: At least one.
        absent: At least one.

    Source:
        Hanley and McNeil, "The Meaning and Use of the Area under a Receiver Operating
        Characteristic (ROC) Curve", Radiology 1982.
    """
    high = np.array([one.top_score for one in answerable])[:, np.newaxis]
    low = np.array([one.top_score for one in absent])[np.newaxis, :]
    wins = (high > low) + 0.5 * (high == low)
    keys = sorted({one.query.key for one in (*answerable, *absent)})
    rows = np.array([keys.index(one.query.key) for one in answerable])
    columns = np.array([keys.index(one.query.key) for one in absent])
    generator = np.random.default_rng(0)
    areas = []
    for _ in range(AUC_RESAMPLES):
        counts = np.bincount(generator.integers(len(keys), size=len(keys)), minlength=len(keys))
        pairs = np.outer(counts[rows], counts[columns])
        if pairs.sum():
            areas.append(_weighted(wins, pairs))
    bounds = np.quantile(areas, [0.025, 0.975])
    return _bounds(float(wins.mean()), float(bounds[0]), float(bounds[1]))


def _weighted(wins: NDArray[np.float64], weights: NDArray[np.int64]) -> float:
    return float((wins * weights).sum() / weights.sum())


def _of_half(judged: Sequence[Judged], half: str) -> list[Judged]:
    return [one for one in judged if one.query.half == half]


def _kinds(judged: Sequence[Judged]) -> dict[str, list[Judged]]:
    groups = {kind: [one for one in judged if one.query.kind == kind] for kind in KINDS}
    return {"all": list(judged), **{kind: group for kind, group in groups.items() if group}}


def _by_kind(judged: Sequence[Judged]) -> dict[str, Any]:
    answerable = [one for one in judged if not one.is_absent]
    return {kind: _summary(group) for kind, group in _kinds(answerable).items()}


def _summary(group: Sequence[Judged]) -> dict[str, Any]:
    measures = group[0].values
    return {
        "asked": len(group),
        "queries": len({one.query.key for one in group}),
        **{
            name: mean_of([(one.query.key, one.values[name]) for one in group]) for name in measures
        },
    }


def _differences(ours: Sequence[Judged], theirs: Sequence[Judged]) -> dict[str, Any]:
    pairs = [(one, other) for one, other in zip(ours, theirs, strict=True) if not one.is_absent]
    groups = {"all": pairs} | {
        kind: [pair for pair in pairs if pair[0].query.kind == kind] for kind in KINDS
    }
    return {
        kind: {
            name: mean_of([(a.query.key, a.values[name] - b.values[name]) for a, b in group])
            for name in group[0][0].values
        }
        for kind, group in groups.items()
        if group
    }


def mean_of(values: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Give the mean over keys of their means, with its 95% interval.

    Args:
        values: Key of the query, and its value in one seed; at least one.
    """
    by_key: dict[str, list[float]] = {}
    for key, value in values:
        by_key.setdefault(key, []).append(value)
    means = [sum(group) / len(group) for group in by_key.values()]
    return _bounds(sum(means) / len(means), *bootstrap_interval(means))


def _placing(judged: Sequence[Judged]) -> dict[str, Any]:
    """Say what placing spans brings over whole clips: the difference in mIoU, paired."""
    answerable = [one for one in judged if not one.is_absent]
    return {
        kind: mean_of(
            [(one.query.key, one.values[PLACED_IOU] - one.values[CLIP_IOU]) for one in group]
        )
        for kind, group in _kinds(answerable).items()
    }


def _absent(judged: Sequence[Judged]) -> dict[str, Any]:
    found = {}
    for kind, group in _kinds(judged).items():
        absent = [one for one in group if one.is_absent]
        answerable = [one for one in group if not one.is_absent]
        if absent and answerable:
            found[kind] = {"asked": len(absent), "AUC": area_under_curve(answerable, absent)}
    return found


def _bounds(mean: float, low: float, high: float) -> dict[str, float]:
    return {"mean": round(mean, DIGITS), "low": round(low, DIGITS), "high": round(high, DIGITS)}
