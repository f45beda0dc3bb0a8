"""Recall@k: how much of what is relevant came within the first k."""

from collections.abc import Sequence, Set

from retriever.metrics.ranking import Item, top_k


def recall_at_k(ranking: Sequence[Item], relevant: Set[Item], k: int) -> float:
    """Compute Recall@k of one query: ``|relevant ∩ first k| / |relevant|``.

    Args:
        ranking: Best first; may be empty.
        relevant: At least one.
        k: At least 1.

    Raises:
        ValueError: Nothing is relevant, ``k`` is below 1, or an item is ranked twice.

    Source:
        ``recall_k`` of trec_eval (Voorhees and Harman, "TREC: Experiment and Evaluation in
        Information Retrieval", 2005). Where one item is relevant it equals Success@k, which papers
        on video call R@k.

    Example:
        >>> recall_at_k(["a", "b", "c"], {"b", "c"}, k=2)
        0.5
    """
    return len(relevant & set(top_k(ranking, relevant, k))) / len(relevant)
