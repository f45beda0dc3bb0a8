"""nDCG@k: how much was gained, the earlier the better, against the best order possible."""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from retriever.metrics.ranking import Item, top_k


def ndcg_at_k(ranking: Sequence[Item], gains: Mapping[Item, float], k: int | None = None) -> float:
    """Compute nDCG@k of one query: ``DCG / DCG of the ideal order``.

    DCG sums ``gain / log2(rank + 1)``. The gain is linear; ``2**gain - 1``, which others take,
    equals it only where gains are 0 and 1.

    Args:
        ranking: Best first; may be empty. What has no gain counts 0.
        gains: What is worth finding, at least one above 0; one below 0 counts 0.
        k: How far to look, in the ideal order too; to the end where it is ``None``.

    Raises:
        ValueError: No gain is above 0, one is NaN or infinite, ``k`` is below 1, or an item is
            ranked twice.

    Source:
        Järvelin and Kekäläinen, "Cumulated Gain-Based Evaluation of IR Techniques", TOIS 2002;
        ``ndcg`` and ``ndcg_cut_k`` of trec_eval.

    Example:
        >>> round(ndcg_at_k(["b", "a"], {"a": 3, "b": 1}), 4)
        0.7967
    """
    for item, gain in gains.items():
        if not math.isfinite(gain):
            raise ValueError(f"the gain of {item!r} must be finite, got {gain}")
    worthwhile = {item: gain for item, gain in gains.items() if gain > 0}
    found = top_k(ranking, worthwhile, k)
    ideal = sorted(worthwhile.values(), reverse=True)[:k]
    return _dcg(worthwhile.get(item, 0.0) for item in found) / _dcg(ideal)


def _dcg(gains: Iterable[float]) -> float:
    in_order = np.fromiter(gains, dtype=np.float64)
    return float((in_order / np.log2(np.arange(len(in_order)) + 2)).sum())
