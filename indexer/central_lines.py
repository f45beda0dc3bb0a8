"""Which few of many lines stand for all of them: central ones that do not repeat each other."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]

# Of the paper: how often the walk starts anew at any line, which keeps it from being caught.
DAMPING = 0.15
MOST_STEPS = 100
CLOSE_ENOUGH = 1e-9
# Of relevance, against similarity to what was chosen before.
RELEVANCE_SHARE = 0.7
# Equal lines differ behind these by how sums were rounded; the first of them is chosen.
SAME_DECIMALS = 9


def centrality(similarity: Float) -> Float:
    """Measure how much each of ``L`` lines has in common with lines that are central themselves.

    Args:
        similarity: ``(L, L)``, symmetric, 1 on the diagonal; what is negative counts as 0.

    Returns:
        ``(L,)``, positive; the most central line has 1.

    Source:
        Erkan & Radev, "LexRank", JAIR 22, 2004: the stationary distribution of a walk from line to
            line by cosine (continuous LexRank); here of sentence embeddings, not of tf-idf vectors.
    """
    if not len(similarity):
        return np.zeros(0)
    weights = np.maximum(similarity, 0.0)
    steps = weights / weights.sum(axis=1, keepdims=True)
    rank = np.full(len(steps), 1 / len(steps))
    for _ in range(MOST_STEPS):
        walked = DAMPING / len(steps) + (1 - DAMPING) * (rank @ steps)
        is_settled = np.abs(walked - rank).max() < CLOSE_ENOUGH
        rank = walked
        if is_settled:
            break
    found: Float = rank / rank.max()
    return found


def choose(relevance: Float, similarity: Float, k: int, groups: Sequence[int]) -> list[int]:
    """Choose lines that are relevant and unlike those that were chosen before.

    Args:
        relevance: ``(L,)`` in ``[0, 1]``.
        similarity: ``(L, L)``, of lines with each other.
        k: How many at most; fewer where the next would repeat more than it is worth.
        groups: Of each line, which group it is of; each group has its turn before one has another.

    Returns:
        Positions in the order they were chosen; of equals the first.

    Source:
        Carbonell & Goldstein, "The use of MMR, diversity-based reranking for reordering documents
            and producing summaries", SIGIR 1998; groups are ours.
    """
    chosen: list[int] = []
    taken: Counter[int] = Counter()
    nearest = np.zeros(len(relevance))
    left = set(range(len(relevance)))
    while left and len(chosen) < k:
        worth = RELEVANCE_SHARE * relevance - (1 - RELEVANCE_SHARE) * nearest
        worth = worth.round(SAME_DECIMALS)
        fewest = min(taken[groups[line]] for line in left)
        in_turn = (line for line in left if taken[groups[line]] == fewest)
        best = max(in_turn, key=lambda line: (worth[line], -line))
        left.remove(best)
        if worth[best] > 0:  # which never grows
            chosen.append(best)
            taken[groups[best]] += 1
            nearest = np.maximum(nearest, similarity[best])
    return chosen
