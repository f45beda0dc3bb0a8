"""What the sources answered to one query, and how it ranks all together."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from retriever.calibration import Calibration
from retriever.confidence import ConfidenceModel
from retriever.folding import (
    ClipKey,
    HitKey,
    clip_key,
    fuse_clips,
    fuse_hits,
    hit_key,
    scores_by_clip,
)
from retriever.fusion import Fused
from retriever.lead import Lead
from retriever.lexical import word_shares
from retriever.moment import SourceScore
from retriever.options import SearchOptions
from retriever.source import SkippedSource, Source, SourceHits
from retriever.words import QueryWords
from store.records import SPOKEN_KINDS, Evidence, EvidenceKind, Hit
from store.timespan import TimeSpan

WORDED_KINDS = (*SPOKEN_KINDS, EvidenceKind.SCREEN_TEXT)
"""Evidence whose words stand in the film; tags and captions are words of ours."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the sources of a library answered to one query.

    Attributes:
        results: One for each source that was asked, lexical first.
        skipped: Sources that could not be asked, with the reason.
    """

    words: QueryWords
    results: tuple[SourceHits, ...]
    skipped: tuple[SkippedSource, ...] = ()

    @property
    def sources(self) -> list[Source]:
        """The sources that were asked."""
        return [result.source for result in self.results]


@dataclass(frozen=True, slots=True)
class Found:
    """The answers of all sources, fused.

    Attributes:
        ranking: Clips with their fused scores, best first.
        hit_scores: Fused scores of single pieces of evidence and pictures.
        hits_by_clip: Best first.
        said_by_clip: Which source ranked a clip where.
        confidence: ``None`` where a source that was asked has no calibration.
        lines: All that is said in a clip, with its cosine, for clips that were looked at.
    """

    asked: Asked
    ranking: Fused[ClipKey]
    hit_scores: dict[HitKey, float]
    hits_by_clip: dict[ClipKey, list[Hit]]
    said_by_clip: dict[ClipKey, list[SourceScore]]
    confidence: ConfidenceModel | None
    lines: dict[ClipKey, list[Hit]] = field(default_factory=dict)

    @classmethod
    def of(cls, asked: Asked, options: SearchOptions, calibration: Calibration | None) -> Self:
        """Fold and fuse what the sources answered."""
        results = asked.results
        ranking: Fused[ClipKey]
        hit_ranking: Fused[HitKey]
        confidence = None
        if calibration is not None and _is_covered(asked, calibration):
            lexical = [hit for each in results if each.source.space is None for hit in each.hits]
            shares = word_shares(asked.words, lexical)
            ranking = calibration.odds.fuse(results, lambda hit: clip_key(hit.clip), shares)
            hit_ranking = calibration.odds.fuse(results, hit_key, shares)
            # What was not asked might have found it: nothing can be said of how likely it is.
            confidence = None if asked.skipped else calibration.confidence
        else:
            ranking = fuse_clips(results, options)
            hit_ranking = fuse_hits(results, options)
        hit_scores = dict(hit_ranking)
        by_clip = _hits_by_clip(results, hit_scores)
        return cls(asked, ranking, hit_scores, by_clip, scores_by_clip(results), confidence)

    def evidence_in(
        self, span: TimeSpan, keys: Iterable[ClipKey], anchor: Hit
    ) -> tuple[Evidence, ...]:
        """List what matched in some clips inside a span: what it is known by, then best first."""
        matched = [hit for key in keys for hit in self.hits_by_clip.get(key, [])]
        inside = [hit for hit in matched if hit.evidence is not None and hit.span.overlaps(span)]
        inside.sort(key=lambda hit: (hit != anchor, -self.hit_scores[hit_key(hit)], hit_key(hit)))
        return tuple(hit.evidence for hit in inside if hit.evidence is not None)

    def lead_of(self, score: float, keys: Collection[ClipKey], anchor: Hit) -> Lead | None:
        """Measure how far a moment is ahead; ``None`` where that tells nothing."""
        if self.confidence is None:
            return None
        return Lead.of(score, self.ranking, keys, self._twins(anchor))

    def _twins(self, anchor: Hit) -> set[ClipKey]:
        """List the clips that are known by the same words as another."""
        if anchor.evidence is None or anchor.evidence.kind not in WORDED_KINDS:
            return set()
        words = anchor.evidence.text.casefold()
        firsts = {key: hits[0].evidence for key, hits in self.hits_by_clip.items()}
        return {
            key
            for key, first in firsts.items()
            if first is not None and first.kind in WORDED_KINDS and first.text.casefold() == words
        } - {clip_key(anchor.clip)}

    def why(self, keys: Iterable[ClipKey]) -> tuple[SourceScore, ...]:
        """Say what each source said of the best of some clips."""
        best: dict[str, SourceScore] = {}
        said = (one for key in keys for one in self.said_by_clip.get(key, []))
        for score in sorted(said, key=lambda score: score.rank):
            best.setdefault(score.source, score)
        return tuple(best.values())


def _is_covered(asked: Asked, calibration: Calibration) -> bool:
    """Say whether every space was calibrated, and one of them found something."""
    found = any(result.hits for result in asked.results if result.source.space is not None)
    return found and calibration.odds.covers(asked.sources)


def _hits_by_clip(
    results: Sequence[SourceHits], hit_scores: Mapping[HitKey, float]
) -> dict[ClipKey, list[Hit]]:
    """List the hits of each clip, best first."""
    by_clip: dict[ClipKey, dict[HitKey, Hit]] = {}
    for result in results:
        for hit in result.hits:
            by_clip.setdefault(clip_key(hit.clip), {}).setdefault(hit_key(hit), hit)
    return {
        key: sorted(hits.values(), key=lambda hit: (-hit_scores[hit_key(hit)], hit_key(hit)))
        for key, hits in by_clip.items()
    }
