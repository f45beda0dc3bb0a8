"""How far a moment is ahead of everything else that was found."""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Self

NUM_RIVALS = 5


@dataclass(frozen=True, slots=True)
class Lead:
    """Where a moment stands in a ranking, in nats.

    Attributes:
        score: Its own.
        margin: Its own less the best of its rivals.
        gap: Its own less the mean of the best five of them.
    """

    score: float
    margin: float
    gap: float

    @classmethod
    def of(
        cls,
        score: float,
        ranking: Sequence[tuple[Hashable, float]],
        own: Collection[Hashable],
        twins: Collection[Hashable] = (),
    ) -> Self | None:
        """Measure the lead of a moment.

        Args:
            score: Of the moment.
            ranking: All clips, best first.
            own: Clips that the moment lies on: no rivals, unless they are better than its score.
            twins: Clips that hold the same as the moment, as a recap or a title does: no rivals.

        Returns:
            ``None`` where there are too few rivals to stand out from.
        """
        rivals = []
        for key, nats in ranking:
            is_own = key in own and nats <= score
            if not is_own and key not in twins:
                rivals.append(nats)
            if len(rivals) == NUM_RIVALS:
                return cls(score, score - rivals[0], score - sum(rivals) / NUM_RIVALS)
        return None

    def row(self) -> tuple[float, float, float]:
        """Return the features in the order of the weights."""
        return self.score, self.margin, self.gap
