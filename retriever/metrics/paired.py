"""Whether one run is better than another at the same queries, or was lucky."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from retriever.metrics.interval import AT_ONCE, RESAMPLES, bootstrap_intervals, checked_sample

ROUNDING = 1e-9
"""Sums of the same numbers under other signs differ in their last digits."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How much better one run is than another at the same queries.

    Attributes:
        mean: Of the first minus the second.
        low, high: The 95% interval of it.
        p_value: How often a difference so great comes about when it is by chance which run is
            which; in ``(0, 1]``.
    """

    mean: float
    low: float
    high: float
    p_value: float


def paired_differences(first: ArrayLike, second: ArrayLike, seed: int = 0) -> list[Difference]:
    """Compare two runs, query by query.

    The interval is bootstrapped over the differences; the p value is that of the two-sided
    randomisation test, in which each query's difference takes either sign. It says nothing of
    several measures tested at once.

    Args:
        first: ``(Q, M)`` of one run, a row for each query, at least one.
        second: ``(Q, M)`` of the other, in the same order.
        seed: Of the resampling and of the signs.

    Returns:
        One for each measure.

    Raises:
        ValueError: No values, or not as many of either.

    Source:
        Smucker, Allan and Carterette, "A Comparison of Statistical Significance Tests for
        Information Retrieval Evaluation", CIKM 2007.
    """
    ours, theirs = checked_sample(first), checked_sample(second)
    if ours.shape != theirs.shape:
        raise ValueError(f"runs of shape {ours.shape} and {theirs.shape} cannot be paired")
    differences = ours - theirs
    means = differences.mean(axis=0)
    bounds = bootstrap_intervals(differences, seed=seed)
    return [
        Difference(float(mean), float(low), float(high), float(p_value))
        for mean, (low, high), p_value in zip(
            means, bounds, _p_values(differences, seed), strict=True
        )
    ]


def _p_values(differences: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """Count the random signs that give a sum as great; the signs that were seen are among them."""
    rng = np.random.default_rng(seed)
    seen = np.abs(differences.sum(axis=0))
    least = seen - ROUNDING * np.abs(differences).sum(axis=0)
    as_great = np.ones(differences.shape[1])
    for _ in range(0, RESAMPLES, AT_ONCE):
        signs = rng.integers(0, 2, size=(AT_ONCE, len(differences))) * 2.0 - 1.0
        as_great += (np.abs(signs @ differences) >= least).sum(axis=0)
    return as_great / (RESAMPLES + 1)
