"""Several rankings into one.

Reciprocal rank fusion looks at ranks only and needs no tuning; a combination of normalised scores
also hears *how much* better the best is. Both are kept and chosen by name, because which one is
better depends on how far a source's scores can be trusted: ``benchmarks/retrieval.py`` measures it.
"""

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from store.errors import UnknownNameError

# Of Cormack et al.; large enough that no single first place decides.
RECIPROCAL_RANK_CONSTANT = 60


class Orderable(Hashable, Protocol):
    """A key that can break ties."""

    def __lt__(self, other: Any, /) -> bool:
        """Say whether it comes first."""


Key = TypeVar("Key", bound="Orderable")


@dataclass(frozen=True, slots=True)
class Ranking(Generic[Key]):
    """What one source says.

    Attributes:
        weight: Not negative; 0 mutes the source.
        entries: ``(key, score)``, best first, keys distinct and comparable with each other.
        num_considered: How many keys the source looked at, where those it left out scored 0: a word
            that stands in one line of many tells more than one that stands in all.
    """

    weight: float
    entries: Sequence[tuple[Key, float]]
    num_considered: int = 0

    def scores(self) -> NDArray[np.float64]:
        """Return the scores of the entries, then a 0 for each other key that was considered."""
        scores = [score for _, score in self.entries]
        return np.array(scores + [0.0] * (self.num_considered - len(scores)), dtype=np.float64)


Fused = list[tuple[Key, float]]


def reciprocal_rank(rankings: Sequence[Ranking[Key]]) -> Fused[Key]:
    """Sum ``weight / (60 + rank)`` over the sources that found a key.

    Returns:
        Every key once, best first; ties in key order, so the order of the sources never shows.

    Source:
        Cormack, Clarke and Buettcher, "Reciprocal Rank Fusion outperforms Condorcet and individual
        Rank Learning Methods", SIGIR 2009; the weights are ours.
    """
    shares: dict[Key, list[float]] = {}
    for ranking in rankings:
        for rank, (key, _) in enumerate(ranking.entries, start=1):
            shares.setdefault(key, []).append(ranking.weight / (RECIPROCAL_RANK_CONSTANT + rank))
    return _ordered(shares)


def min_max_combination(rankings: Sequence[Ranking[Key]]) -> Fused[Key]:
    """Sum weighted scores, each source stretched to ``[0, 1]``; a key that a source missed gets 0.

    Source:
        Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", TOIS 2023.
    """
    return _combined(rankings, _stretched)


def z_score_combination(rankings: Sequence[Ranking[Key]]) -> Fused[Key]:
    """Sum weighted scores in standard deviations above the lowest hit of their source.

    A source in which one key stands out from the rest so counts for more than one that likes
    all alike.

    Source:
        The z-score variant in Bruch, Gai and Ingber, TOIS 2023, shifted: a missed key gets 0.
    """
    return _combined(rankings, _standardised)


FUSIONS: dict[str, Callable[[Sequence[Ranking[Any]]], Fused[Any]]] = {
    "rrf": reciprocal_rank,
    "minmax": min_max_combination,
    "zscore": z_score_combination,
}


def fusion_named(name: str) -> Callable[[Sequence[Ranking[Key]]], Fused[Key]]:
    """Return a fusion function.

    Raises:
        UnknownNameError: There is none of that name.
    """
    try:
        return FUSIONS[name]
    except KeyError:
        raise UnknownNameError(
            f"No fusion is called {name!r}; choose one of {', '.join(FUSIONS)}."
        ) from None


def _combined(
    rankings: Sequence[Ranking[Key]],
    normalise: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> Fused[Key]:
    shares: dict[Key, list[float]] = {}
    for ranking in rankings:
        values = normalise(ranking.scores()) if ranking.entries else ()
        for (key, _), value in zip(ranking.entries, values, strict=False):
            shares.setdefault(key, []).append(ranking.weight * float(value))
    return _ordered(shares)


def _stretched(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Map the lowest score to 0 and the highest to 1; equal scores all to 1."""
    above, reach = scores - scores.min(), np.ptp(scores)
    return above / reach if reach > 0 else np.ones_like(scores)


def _standardised(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Count standard deviations above the lowest; equal scores are 1 each, an average hit."""
    above, deviation = scores - scores.min(), scores.std()
    return above / deviation if deviation > 0 else np.ones_like(scores)


def _ordered(shares: dict[Key, list[float]]) -> Fused[Key]:
    # fsum is exact, so the order in which sources are added cannot change a score.
    fused = {key: math.fsum(values) for key, values in shares.items()}
    return sorted(fused.items(), key=lambda entry: (-entry[1], entry[0]))
