"""How far a moment is ahead of everything else that was found."""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Self

NUM_RIVALS = 5
NO_RIVAL = 0.0
"""Nats of what speaks for nothing: stands in where a library has fewer clips than rivals."""


@dataclass(frozen=True, slots=True)
class Lead:
    """Where a moment stands in a ranking, in nats.

    Attributes:
        score: Its own.
        margin: Its own less the best of the clips that it does not lie on.
        gap: Its own less the mean of the best five of those.
    """

    score: float
    margin: float
    gap: float

    @classmethod
    def of(
        cls, score: float, ranking: Sequence[tuple[Hashable, float]], own: Collection[Hashable]
    ) -> Self:
        """Measure the lead of a moment.

        Args:
            score: Of the moment.
            ranking: All clips, best first.
            own: Clips that the moment lies on.
        """
        rivals = []
        for key, nats in ranking:
            if key not in own:
                rivals.append(nats)
            if len(rivals) == NUM_RIVALS:
                break
        rivals += [NO_RIVAL] * (NUM_RIVALS - len(rivals))
        return cls(score, score - rivals[0], score - sum(rivals) / NUM_RIVALS)

    def row(self) -> tuple[float, float, float]:
        """Return the features in the order of the weights."""
        return self.score, self.margin, self.gap
