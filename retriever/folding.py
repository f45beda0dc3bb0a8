"""Hits of evidence and pictures folded to clips, so that top-k counts clips and not documents.

A clip with a caption, a sentence and three pictures that all match is one result, ranked by the
best of them.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from retriever.fusion import Fused, Ranking, fusion_named
from retriever.moment import SourceScore
from retriever.options import SearchOptions
from retriever.source import SourceHits
from store.records import Clip, Hit

ClipKey = tuple[str, int]
HitKey = tuple[str, float, float, str]
_Key = TypeVar("_Key", ClipKey, HitKey)


def clip_key(clip: Clip) -> ClipKey:
    """Name a clip so that it can be compared and sorted."""
    return clip.video_id, clip.ordinal


def hit_key(hit: Hit) -> HitKey:
    """Name what a hit points at: the same evidence found by two sources has one name."""
    evidence_id = hit.evidence.evidence_id if hit.evidence else ""
    return hit.clip.video_id, hit.span.start_seconds, hit.span.end_seconds, evidence_id


def fold_to_clips(hits: Iterable[Hit]) -> list[Hit]:
    """Keep the best hit of every clip, best first; ties in time order."""
    return _best_of_each(hits, lambda hit: clip_key(hit.clip))


def fuse_clips(results: Sequence[SourceHits], options: SearchOptions) -> Fused[ClipKey]:
    """Rank clips over all sources: fold each source first, so none votes twice for one clip."""
    return _fused(results, lambda hit: clip_key(hit.clip), options)


def fuse_hits(results: Sequence[SourceHits], options: SearchOptions) -> Fused[HitKey]:
    """Rank single pieces of evidence and pictures over all sources."""
    return _fused(results, hit_key, options)


def scores_by_clip(results: Sequence[SourceHits]) -> dict[ClipKey, list[SourceScore]]:
    """Say for every clip which source ranked it where, and with what score of its own."""
    said: dict[ClipKey, list[SourceScore]] = {}
    for result in results:
        for rank, hit in enumerate(fold_to_clips(result.hits), start=1):
            said.setdefault(clip_key(hit.clip), []).append(
                SourceScore(result.source.name, rank, hit.score)
            )
    return said


def _fused(
    results: Sequence[SourceHits], key: Callable[[Hit], _Key], options: SearchOptions
) -> Fused[_Key]:
    rankings = [
        Ranking(
            options.weight(result.source.kind),
            [(key(hit), hit.score) for hit in _best_of_each(result.hits, key)],
            # Lexical search leaves out what holds none of the words; a space answers in full.
            options.depth if result.source.space is None else 0,
        )
        for result in results
    ]
    return fusion_named(options.plain_fusion)(rankings)


def _best_of_each(hits: Iterable[Hit], key: Callable[[Hit], _Key]) -> list[Hit]:
    best: dict[_Key, Hit] = {}
    for hit in sorted(hits, key=lambda hit: (-hit.score, hit_key(hit))):
        best.setdefault(key(hit), hit)
    return list(best.values())
