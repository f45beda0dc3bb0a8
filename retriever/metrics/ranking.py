"""What every measure of a ranking asks of its input."""

from collections.abc import Collection, Hashable, Sequence
from typing import TypeVar

Item = TypeVar("Item", bound=Hashable)


def top_k(
    ranking: Sequence[Item], relevant: Collection[Item], k: int | None = None
) -> Sequence[Item]:
    """Return the first ``k`` items of a ranking that a measure can score.

    Args:
        ranking: Best first. Ties are broken by whoever ranks; trec_eval puts the greater document
            id first.
        relevant: What should be found.
        k: At least 1; all of the ranking where it is ``None``.

    Raises:
        ValueError: Nothing is relevant, ``k`` is below 1, or an item is ranked twice.
    """
    if not relevant:
        raise ValueError("nothing is relevant to the query; leave it out of this measure")
    if k is not None and k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    if len(set(ranking)) < len(ranking):
        twice = next(item for item in ranking if ranking.count(item) > 1)
        raise ValueError(f"{twice!r} is ranked twice")
    return ranking[:k]
