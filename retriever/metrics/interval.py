"""How far a mean over queries can be trusted."""

from collections.abc import Sequence

import numpy as np

RESAMPLES = 10_000


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

    Source:
        Efron, "Bootstrap Methods: Another Look at the Jackknife", Annals of Statistics 1979.
    """
    if not values:
        raise ValueError("an interval needs at least one value")
    sample = np.asarray(values, dtype=np.float64)
    picks = np.random.default_rng(seed).integers(0, len(sample), size=(RESAMPLES, len(sample)))
    tail = (1 - coverage) / 2
    low, high = np.quantile(sample[picks].mean(axis=1), [tail, 1 - tail])
    return float(low), float(high)
