"""Success@k: did anything relevant come within the first k?"""

from collections.abc import Sequence, Set

from retriever.metrics.ranking import Item, top_k


def success_at_k(ranking: Sequence[Item], relevant: Set[Item], k: int) -> float:
    """Compute Success@k of one query, also called hit rate: 1 or 0.

    Over video ids this is VR, the video part of corpus moment retrieval.

    Args:
        ranking: Best first; may be empty.
        relevant: At least one.
        k: At least 1.

    Raises:
        ValueError: Nothing is relevant, ``k`` is below 1, or an item is ranked twice.

    Source:
        ``success_k`` of trec_eval.
    """
    return float(not relevant.isdisjoint(top_k(ranking, relevant, k)))
