"""Scores of all sources in one scale: how far a piece of evidence speaks for being what was asked.

A cosine of 0.4 is much for a sentence and little for a tag: what is short is near to everything. So
each kind of evidence in each space has an offset, and what several sources say of one place is the
logarithm of the sum of their odds: whichever is surest decides, and a second one helps a little.
Words in common are added, for they tell whatever the encoder thinks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeVar

import numpy as np

from retriever.folding import ClipKey, HitKey
from retriever.fusion import Fused
from retriever.source import Source, SourceHits
from store.records import Hit, Space

PICTURE = "picture"
_Key = TypeVar("_Key", ClipKey, HitKey)


@dataclass(frozen=True, slots=True)
class SpaceOdds:
    """What a cosine in one space tells.

    Attributes:
        slope: Nats for a cosine of 1.
        offsets: Nats by kind of evidence, ``picture`` for a picture; 0 for kinds that are not
            named.
    """

    slope: float
    offsets: Mapping[str, float] = field(default_factory=dict)

    def of(self, hit: Hit) -> float:
        """Return the natural logarithm of a hit's odds, up to a constant of the model."""
        kind = PICTURE if hit.evidence is None else str(hit.evidence.kind)
        return self.slope * hit.score + self.offsets.get(kind, 0.0)


@dataclass(frozen=True, slots=True)
class OddsModel:
    """Calibrated fusion.

    Attributes:
        spaces: By ``space_id``; a space of another encoder or revision has another id.
        words: Nats for evidence that holds all words of the query.

    Source:
        A multinomial logit over clips (McFadden, "Conditional logit analysis of qualitative choice
        behavior", 1974), fitted by ``benchmarks.calibration``; odds of several witnesses are added,
        as in noisy-or (Pearl, "Probabilistic Reasoning in Intelligent Systems", 1988), which this
        is for small odds.
    """

    spaces: Mapping[str, SpaceOdds]
    words: float

    def covers(self, sources: Sequence[Source]) -> bool:
        """Say whether the model knows every space, and there is one: words alone rank by BM25."""
        spaces = [source.space for source in sources if source.space is not None]
        return bool(spaces) and all(space.space_id in self.spaces for space in spaces)

    def fuse(
        self,
        results: Sequence[SourceHits],
        key: Callable[[Hit], _Key],
        shares: Mapping[str, float],
    ) -> Fused[_Key]:
        """Rank what the sources found.

        Args:
            results: Of sources that the model covers.
            key: What counts as one place.
            shares: Evidence id to the share of the query's words in it; none counts as 0.

        Returns:
            Every key once with its nats, best first; ties in key order. What words alone found gets
            the least that any space said of what it found: it cannot be nearer than that.
        """
        said: dict[_Key, list[float]] = {}
        for result in results:
            if result.source.space is not None:
                best = self._best(result, result.source.space, key)
                for name, nats in best.items():
                    said.setdefault(name, []).append(nats)
        least = min(chain.from_iterable(said.values()), default=0.0)
        held: dict[_Key, float] = {}
        for hit in chain.from_iterable(result.hits for result in results):
            share = shares.get(hit.evidence.evidence_id, 0.0) if hit.evidence else 0.0
            held[key(hit)] = max(share, held.get(key(hit), 0.0))
        fused = {
            name: float(np.logaddexp.reduce(said.get(name, [least]))) + self.words * share
            for name, share in held.items()
        }
        return sorted(fused.items(), key=lambda entry: (-entry[1], entry[0]))

    def _best(
        self, result: SourceHits, space: Space, key: Callable[[Hit], _Key]
    ) -> dict[_Key, float]:
        odds = self.spaces[space.space_id]
        best: dict[_Key, float] = {}
        for hit in result.hits:
            best[key(hit)] = max(odds.of(hit), best.get(key(hit), -np.inf))
        return best
