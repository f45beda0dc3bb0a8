"""The retriever: a query in, ranked moments out. Ask the sources, fold, fuse, widen, thin."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from retriever.calibration import Calibration
from retriever.dense import score_lines, search_dense
from retriever.folding import ClipKey, clip_key
from retriever.found import Asked, Found
from retriever.fusion import fusion_named
from retriever.interfaces import QueryEncoder
from retriever.lexical import search_lexical
from retriever.moment import Moment
from retriever.moments import fit_span, grow_span, is_suppressed, keep_to_subject
from retriever.options import CALIBRATED, SearchOptions, SourceKind
from retriever.source import SkippedSource, Source, SourceHits, choose_sources
from retriever.words import QueryWords, read_query
from store.errors import QueryError
from store.records import SPOKEN_KINDS, Clip, Hit, Scope
from store.timespan import TimeSpan

if TYPE_CHECKING:
    from store.library import Library


class Retriever:
    """Searches one library.

    Args:
        library: Open; not closed here.
        encoders: Query encoders by their ``encoder_id``. A space whose encoder is not among them is
            left out of every search and named by ``skipped_sources`` and in each moment.
        options: Defaults where ``None``.
        calibration: Of the encoders; ``None`` or one that does not know them leaves sources to be
            fused by ``options.uncalibrated_fusion``, and moments without a probability.

    Raises:
        UnknownNameError: The options name no fusion.
    """

    def __init__(
        self,
        library: "Library",
        encoders: Mapping[str, QueryEncoder],
        options: SearchOptions | None = None,
        calibration: Calibration | None = None,
    ) -> None:
        self._library = library
        self._encoders = encoders
        self._options = options or SearchOptions()
        self._calibration = calibration if self._options.fusion == CALIBRATED else None
        fusion_named(self._options.plain_fusion)

    def search(
        self,
        query: str,
        k: int = 5,
        scope: Scope | None = None,
        sources: Iterable[str] | None = None,
        per_video: int | None = None,
    ) -> list[Moment]:
        """Find the moments that a query describes.

        Args:
            query: As typed; words in quotation marks are looked for side by side.
            k: Most moments wanted; each is known by a clip of its own.
            scope: What part of the library to look at; ``None`` for all of it.
            sources: Names or kinds of source to ask (``lexical``, ``text``, ``picture``); ``None``
                for all.
            per_video: Most moments of one video; ``None`` for no limit.

        Returns:
            Best first, no two of one video overlapping by more than ``options.max_overlap``; empty
            when nothing matched.

        Raises:
            QueryError: The query is blank or too long, ``k`` or ``per_video`` is below 1, or none
                of the wanted sources can be asked.
            UnknownNameError: A wanted source does not exist.
            EncoderMismatchError: An encoder is not the one that its space was built for.
        """
        if k < 1:
            raise QueryError(f"k is how many moments to return and must be at least 1, got {k}.")
        if per_video is not None and per_video < 1:
            raise QueryError(f"Moments of one video must be at least 1, got {per_video}.")
        if per_video is None:
            return self.moments(self.ask(query, k, scope, sources), k)
        return self._spread(query, k, scope or Scope(), sources, per_video)

    def _spread(
        self,
        query: str,
        k: int,
        scope: Scope,
        sources: Iterable[str] | None,
        per_video: int,
    ) -> list[Moment]:
        """Ask again for the videos that were not found yet, until there are enough moments."""
        wanted = None if sources is None else tuple(sources)
        moments: list[Moment] = []
        videos = scope.video_ids
        while len(moments) < k:
            asked = self.ask(query, k, replace(scope, video_ids=videos), wanted)
            found = self.moments(asked, k, per_video)
            if not found:
                break
            if moments:  # what is left of a library says nothing of a lead over all of it
                found = [replace(moment, lead=None, probability=None) for moment in found]
            moments += found
            full = {moment.video.video_id for moment in moments}
            every = (video.video_id for video in self._library.videos())
            videos = tuple(one for one in (videos or every) if one not in full)
            if not videos:
                break
        return sorted(moments, key=lambda moment: -moment.score)[:k]

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

    def least_probability(self, false_answer_rate: float) -> float:
        """Say from which probability on a moment is believed; 0 where there is no calibration.

        Args:
            false_answer_rate: Share of the queries without an answer that may seem to have one.

        Raises:
            QueryError: No rate as low as that was measured.
        """
        if self._calibration is None:
            return 0.0
        return self._calibration.confidence.least_probability(false_answer_rate)

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

    def moments(self, asked: Asked, k: int = 5, per_video: int | None = None) -> list[Moment]:
        """Fold, fuse, widen and thin what the sources said: the second half of ``search``."""
        found = Found.of(asked, self._options, self._calibration)
        self._score_spoken(found, [key for key, _ in found.ranking[:k]])
        moments: list[Moment] = []
        counts: Counter[str] = Counter()
        for key, score in found.ranking:
            if counts[key[0]] == per_video:
                continue
            moment = self._moment(key, score, found)
            rivals = [kept.span for kept in moments if kept.video.video_id == moment.video.video_id]
            if not is_suppressed(moment.span, rivals, self._options):
                moments.append(moment)
                counts[moment.video.video_id] += 1
            if len(moments) == k:
                break
        return moments

    def _moment(self, key: ClipKey, score: float, found: Found) -> Moment:
        anchor = found.hits_by_clip[key][0]
        span = self._grown(anchor, found)
        clips = self._clips_under(anchor.clip, span)
        kind = SourceKind.TEXT if anchor.evidence else SourceKind.PICTURE
        span = fit_span(span, kind, clips, self._options)
        clips = tuple(clip for clip in clips if clip == anchor.clip or clip.span.overlaps(span))
        keys = [clip_key(clip) for clip in clips]
        lead = found.lead_of(score, keys, anchor)
        return Moment(
            video=self._library.video(anchor.clip.video_id),
            span=span,
            score=score,
            clips=clips,
            evidence=found.evidence_in(span, keys, anchor),
            why=found.why(keys),
            skipped=found.asked.skipped,
            lead=lead,
            probability=found.confidence.probability(lead) if found.confidence and lead else None,
        )

    def _grown(self, anchor: Hit, found: Found) -> TimeSpan:
        if anchor.evidence is not None and anchor.evidence.kind in SPOKEN_KINDS:
            self._score_spoken(found, [clip_key(anchor.clip)])
            if lines := found.lines[clip_key(anchor.clip)]:
                return keep_to_subject(anchor.span, lines, self._options)
        return grow_span(anchor, found.asked.results, self._options)

    def _score_spoken(self, found: Found, keys: Sequence[ClipKey]) -> None:
        """Score what is said in clips that are known by something said, in one go."""
        anchors = [found.hits_by_clip[key][0] for key in keys if key not in found.lines]
        clips = [
            anchor.clip
            for anchor in anchors
            if anchor.evidence is not None and anchor.evidence.kind in SPOKEN_KINDS
        ]
        for clip in clips:
            found.lines[clip_key(clip)] = []
        for result in found.asked.results:
            if result.source.kind is SourceKind.TEXT:
                for line in score_lines(self._library, result, clips):
                    if (name := clip_key(line.clip)) in found.lines:
                        found.lines[name].append(line)

    def _clips_under(self, clip: Clip, span: TimeSpan) -> tuple[Clip, ...]:
        """List the clips that a span lies on, the anchor's own always among them."""
        covered = self._library.clips(clip.video_id, within=span.hull(clip.span))
        if clip not in covered:  # the video was indexed again while we searched
            return (clip,)
        return tuple(other for other in covered if other == clip or other.span.overlaps(span))
