"""The retriever: a query in, ranked moments out. Ask the sources, fold, fuse, widen, thin."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retriever.dense import search_dense
from retriever.folding import (
    ClipKey,
    HitKey,
    clip_key,
    fuse_clips,
    fuse_hits,
    hit_key,
    scores_by_clip,
)
from retriever.fusion import fusion_named
from retriever.interfaces import QueryEncoder
from retriever.lexical import search_lexical
from retriever.moment import Moment, SourceScore
from retriever.moments import fit_span, grow_span, is_suppressed, take_breath
from retriever.options import SearchOptions, SourceKind
from retriever.source import SkippedSource, Source, SourceHits, choose_sources
from retriever.words import QueryWords, read_query
from store.errors import QueryError
from store.records import SPOKEN_KINDS, Clip, Evidence, Hit, Scope
from store.timespan import TimeSpan

if TYPE_CHECKING:
    from store.library import Library


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


@dataclass(frozen=True, slots=True)
class _Found:
    """Everything the sources said about one query."""

    results: tuple[SourceHits, ...]
    hit_scores: dict[HitKey, float]
    hits_by_clip: dict[ClipKey, list[Hit]]
    said_by_clip: dict[ClipKey, list[SourceScore]]


class Retriever:
    """Searches one library.

    Args:
        library: Open; not closed here.
        encoders: Query encoders by their ``encoder_id``. A space whose encoder is not among them is
            left out of every search and named by ``skipped_sources`` and in each moment.
        options: Defaults where ``None``.

    Raises:
        UnknownNameError: ``options.fusion`` names no fusion.
    """

    def __init__(
        self,
        library: "Library",
        encoders: Mapping[str, QueryEncoder],
        options: SearchOptions | None = None,
    ) -> None:
        self._library = library
        self._encoders = encoders
        self._options = options or SearchOptions()
        fusion_named(self._options.fusion)

    def search(
        self,
        query: str,
        k: int = 5,
        scope: Scope | None = None,
        sources: Iterable[str] | None = None,
    ) -> list[Moment]:
        """Find the moments that a query describes.

        Args:
            query: As typed; words in quotation marks are looked for side by side.
            k: Most moments wanted; each is known by a clip of its own.
            scope: What part of the library to look at; ``None`` for all of it.
            sources: Names or kinds of source to ask (``lexical``, ``text``, ``picture``); ``None``
                for all.

        Returns:
            Best first, no two of one video overlapping by more than ``options.max_overlap``; empty
            when nothing matched.

        Raises:
            QueryError: The query is blank or too long, ``k`` is below 1, or none of the wanted
                sources can be asked.
            UnknownNameError: A wanted source does not exist.
            EncoderMismatchError: An encoder is not the one that its space was built for.
        """
        if k < 1:
            raise QueryError(f"k is how many moments to return and must be at least 1, got {k}.")
        return self.moments(self.ask(query, k, scope, sources), k)

    def ask(
        self,
        query: str,
        k: int = 1,
        scope: Scope | None = None,
        sources: Iterable[str] | None = None,
    ) -> Asked:
        """Ask the sources, and leave ranking to ``moments``.

        Args:
            query: As typed.
            k: Most moments that will be wanted: each source is asked for that many hits, and for
                ``options.depth`` at least.
            scope: What part of the library to look at.
            sources: As ``search`` takes them.

        Raises:
            QueryError, UnknownNameError, EncoderMismatchError: As ``search``.
        """
        words = read_query(query, self._options)
        choice = choose_sources(self._library.spaces(), self._encoders.keys(), sources)
        if choice.skipped and not choice.chosen:
            reasons = "; ".join(f"{skip.source}: {skip.reason}" for skip in choice.skipped)
            raise QueryError(f"None of the wanted sources can be searched. {reasons}.")
        depth = max(self._options.depth, k)
        return Asked(
            words, self._ask(choice.chosen, words, depth, scope or Scope()), choice.skipped
        )

    def skipped_sources(self, sources: Iterable[str] | None = None) -> tuple[SkippedSource, ...]:
        """Name the sources of the library that a search leaves out, with the reason."""
        return choose_sources(self._library.spaces(), self._encoders.keys(), sources).skipped

    def _ask(
        self, sources: Sequence[Source], words: QueryWords, depth: int, scope: Scope
    ) -> tuple[SourceHits, ...]:
        """Look the words up in a thread beside, while the query is encoded and spaces are asked."""
        spaces = [source for source in sources if source.space is not None]
        with ThreadPoolExecutor(1, thread_name_prefix="lexical") as beside:
            lexical = [
                beside.submit(search_lexical, self._library, source, words, depth, scope)
                for source in sources
                if source.space is None
            ]
            dense = search_dense(self._library, self._encoders, spaces, words.text, depth, scope)
            return (*(found.result() for found in lexical), *dense)

    def moments(self, asked: Asked, k: int = 5) -> list[Moment]:
        """Fold, fuse, widen and thin what the sources said: the second half of ``search``."""
        found = _gather(asked.results, self._options)
        moments: list[Moment] = []
        for key, score in fuse_clips(asked.results, self._options):
            moment = self._moment(key, score, found, asked.skipped)
            rivals = [kept.span for kept in moments if kept.video.video_id == moment.video.video_id]
            if not is_suppressed(moment.span, rivals, self._options):
                moments.append(moment)
            if len(moments) == k:
                break
        return moments

    def _moment(
        self, key: ClipKey, score: float, found: _Found, skipped: tuple[SkippedSource, ...]
    ) -> Moment:
        hits = found.hits_by_clip[key]
        anchor = hits[0]
        span = grow_span(anchor, found.results, self._options)
        if anchor.evidence is not None and anchor.evidence.kind in SPOKEN_KINDS:
            spoken = self._library.evidence(anchor.clip.video_id, anchor.clip.span, SPOKEN_KINDS)
            span = take_breath(span, anchor.clip, spoken, self._options)
        clips = self._clips_under(anchor.clip, span)
        kind = SourceKind.TEXT if anchor.evidence else SourceKind.PICTURE
        span = fit_span(span, kind, clips, self._options)
        clips = tuple(clip for clip in clips if clip == anchor.clip or clip.span.overlaps(span))
        matched = [hit for clip in clips for hit in found.hits_by_clip.get(clip_key(clip), [])]
        return Moment(
            video=self._library.video(anchor.clip.video_id),
            span=span,
            score=score,
            clips=clips,
            evidence=_evidence_in(span, matched, found.hit_scores),
            why=_best_of_each_source(
                said for clip in clips for said in found.said_by_clip.get(clip_key(clip), [])
            ),
            skipped=skipped,
        )

    def _clips_under(self, clip: Clip, span: TimeSpan) -> tuple[Clip, ...]:
        """List the clips that a span lies on, the anchor's own always among them."""
        covered = self._library.clips(clip.video_id, within=span.hull(clip.span))
        if clip not in covered:  # the video was indexed again while we searched
            return (clip,)
        return tuple(other for other in covered if other == clip or other.span.overlaps(span))


def _gather(results: tuple[SourceHits, ...], options: SearchOptions) -> _Found:
    hit_scores = dict(fuse_hits(results, options))
    by_clip: dict[ClipKey, dict[HitKey, Hit]] = {}
    for result in results:
        for hit in result.hits:
            by_clip.setdefault(clip_key(hit.clip), {}).setdefault(hit_key(hit), hit)
    ranked = {
        key: sorted(hits.values(), key=lambda hit: (-hit_scores[hit_key(hit)], hit_key(hit)))
        for key, hits in by_clip.items()
    }
    return _Found(results, hit_scores, ranked, scores_by_clip(results))


def _evidence_in(
    span: TimeSpan, hits: Sequence[Hit], hit_scores: Mapping[HitKey, float]
) -> tuple[Evidence, ...]:
    """List what matched inside a moment, best first."""
    inside = [hit for hit in hits if hit.evidence is not None and hit.span.overlaps(span)]
    inside.sort(key=lambda hit: (-hit_scores[hit_key(hit)], hit_key(hit)))
    return tuple(hit.evidence for hit in inside if hit.evidence is not None)


def _best_of_each_source(said: Iterable[SourceScore]) -> tuple[SourceScore, ...]:
    best: dict[str, SourceScore] = {}
    for score in sorted(said, key=lambda score: score.rank):
        best.setdefault(score.source, score)
    return tuple(best.values())
