"""How far a mean over queries can be trusted."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

RESAMPLES = 10_000
AT_ONCE = 250
"""Resamples that are held at once, so that memory does not grow with their number."""


def bootstrap_interval(
    values: Sequence[float], coverage: float = 0.95, seed: int = 0
) -> tuple[float, float]:
    """Bound a mean over queries by resampling the queries.

    Args:
        values: One per query, at least one.
        coverage: Share of resampled means that the interval holds, in ``(0, 1)``.
        seed: Of the resampling; the same seed gives the same interval.

    Returns:
        ``(low, high)``, the percentile interval.

    Raises:
        ValueError: No values.
    """
    ((low, high),) = bootstrap_intervals(np.reshape(values, (-1, 1)), coverage, seed)
    return float(low), float(high)


def bootstrap_intervals(
    values: ArrayLike, coverage: float = 0.95, seed: int = 0
) -> NDArray[np.float64]:
    """Bound the means of several measures over the same queries, drawn alike for all.

    Args:
        values: ``(Q, M)``, a row for each query, at least one.
        coverage: Share of resampled means that an interval holds, in ``(0, 1)``.
        seed: Of the resampling.

    Returns:
        ``(M, 2)``, low and high of the percentile intervals.

    Raises:
        ValueError: No values.

    Source:
        Efron, "Bootstrap Methods: Another Look at the Jackknife", Annals of Statistics 1979.
    """
    sample = checked_sample(values)
    draws = _draws(len(sample), np.random.default_rng(seed))
    means = np.concatenate([counts @ sample for counts in draws]) / len(sample)
    tail = (1 - coverage) / 2
    return np.quantile(means, [tail, 1 - tail], axis=0).T


def checked_sample(values: ArrayLike) -> NDArray[np.float64]:
    """Return ``(Q, M)`` values of ``M`` measures.

    Raises:
        ValueError: There is no query, or they have another shape.
    """
    sample = np.asarray(values, dtype=np.float64)
    if sample.ndim != 2 or not len(sample):
        raise ValueError(f"an interval needs at least one value, got shape {sample.shape}")
    return sample


def _draws(num_queries: int, rng: np.random.Generator) -> Iterator[NDArray[np.float64]]:
    """Draw as many queries as there are, with replacement, again and again.

    Yields:
        ``(R, Q)``, how often each was drawn.
    """
    first_of_row = np.arange(AT_ONCE)[:, None] * num_queries
    for _ in range(0, RESAMPLES, AT_ONCE):
        picks = rng.integers(0, num_queries, size=(AT_ONCE, num_queries))
        counts = np.bincount((picks + first_of_row).ravel(), minlength=AT_ONCE * num_queries)
        yield counts.reshape(AT_ONCE, num_queries).astype(np.float64)
