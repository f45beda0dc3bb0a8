"""RR: how soon the first relevant item came."""

from collections.abc import Sequence, Set

from retriever.metrics.ranking import Item, top_k


def reciprocal_rank(ranking: Sequence[Item], relevant: Set[Item], k: int | None = None) -> float:
    """Compute RR of one query: 1 / rank of the first relevant item, 0 where there is none.

    The mean over queries is MRR.

    Args:
        ranking: Best first; may be empty.
        relevant: At least one.
        k: How far to look; to the end of the ranking where it is ``None``.

    Raises:
        ValueError: Nothing is relevant, ``k`` is below 1, or an item is ranked twice.

    Source:
        Kantor and Voorhees, "The TREC-5 Confusion Track", Information Retrieval 2000;
        ``recip_rank`` of trec_eval, with ``-M k`` for a bound.

    Example:
        >>> reciprocal_rank(["a", "b", "c"], {"b", "c"})
        0.5
    """
    ranks = enumerate(top_k(ranking, relevant, k), start=1)
    return next((1 / rank for rank, item in ranks if item in relevant), 0.0)
