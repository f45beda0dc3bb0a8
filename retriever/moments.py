"""From ranked clips to moments: where exactly, in seconds.

The rules, in order:

1. A clip is known by its *anchor*: the piece of evidence or the picture in it that the sources
   agree on most.
2. The moment starts as the anchor's span: the sentence said, the text while it is on screen, the
   picture while it stands for what is seen.
3. Something said grows over what is said before and after it in the same breath and the same clip,
   sentence by sentence, while they keep to the subject: each is as near to the query as the one
   that matched, or nearly.
4. Something else grows over neighbours that the same source scored nearly as high. What is written
   runs on over a cut and joins clips; pictures join adjacent clips only where they are much alike,
   for a long shot is cut into several clips.
5. A span that fills most of a clip stands for all of it, since clips are cut where shots are.
6. Text gets a little air on both sides; what is too short to watch is widened; neither leaves the
   clips.
7. Of moments that overlap, the best stays (temporal non-maximum suppression).
"""

from collections.abc import Iterable, Sequence

from retriever.folding import hit_key
from retriever.options import SearchOptions, SourceKind
from retriever.source import SourceHits
from store.records import Clip, Hit
from store.timespan import TimeSpan


def grow_span(anchor: Hit, results: Sequence[SourceHits], options: SearchOptions) -> TimeSpan:
    """Extend an anchor's span over neighbours that matched nearly as well (rules 2 and 4).

    Args:
        anchor: What the clip is known by.
        results: Of all sources; only those that found the anchor have a say.
        options: Ratios, longest gap and longest moment.
    """
    span = anchor.span
    for result in results:
        own_score = _score_of(anchor, result.hits)
        if own_score is None:
            continue
        neighbours = [
            hit.span
            for hit in result.hits
            if hit.clip.video_id == anchor.clip.video_id
            and 0 < own_score * _least_ratio(hit, anchor, result, options) <= hit.score
        ]
        span = _joined(span, neighbours, options.join_gap_seconds, options.max_seconds)
    return span


def keep_to_subject(span: TimeSpan, lines: Iterable[Hit], options: SearchOptions) -> TimeSpan:
    """Extend something said over its neighbours while they keep to the subject (rule 3).

    Args:
        span: Of what matched, one of the lines.
        lines: All that is said in its clip, with how near it is to the query.
        options: Longest pause, least share of the score of what matched, longest moment.
    """
    ordered = sorted(lines, key=lambda line: line.span)
    place = next((at for at, line in enumerate(ordered) if line.span == span), None)
    if place is None:
        return span
    floor = ordered[place].score * options.subject_ratio
    for neighbours in (ordered[place + 1 :], reversed(ordered[:place])):
        for line in neighbours:
            wider = span.hull(line.span)
            is_pause = span.gap_seconds(line.span) > options.breath_seconds
            if is_pause or not 0 < floor <= line.score:
                break
            if wider.duration_seconds > max(options.max_seconds, span.duration_seconds):
                break
            span = wider
    return span


def fit_span(
    span: TimeSpan, kind: SourceKind, clips: Sequence[Clip], options: SearchOptions
) -> TimeSpan:
    """Settle the edges inside the clips (rules 5 and 6).

    Args:
        span: As grown; it may stick out of the clips where a sentence does.
        kind: Of the source that the span comes from.
        clips: Adjacent, in time order, at least one; all that ``span`` overlaps.
        options: Padding, shortest moment and when a clip counts as filled.
    """
    hull = clips[0].span.hull(clips[-1].span)
    span = _snapped(_clamped(span, hull), clips, options.whole_clip_share)
    if kind is not SourceKind.PICTURE:
        air = span.widened(options.padding_seconds, limit_seconds=hull.end_seconds)
        span = _clamped(air, hull)
    if span.duration_seconds < options.min_seconds:
        span = _centred(span.middle_seconds, options.min_seconds, hull)
    return span


def overlap_share(first: TimeSpan, second: TimeSpan) -> float:
    """Divide what two spans share by the shorter one; never less than their IoU."""
    shorter = min(first.duration_seconds, second.duration_seconds)
    return first.shared_seconds(second) / shorter if shorter > 0 else 0.0


def is_suppressed(span: TimeSpan, kept: Iterable[TimeSpan], options: SearchOptions) -> bool:
    """Say whether a span repeats a better one of the same video (rule 7)."""
    return any(overlap_share(span, better) > options.max_overlap for better in kept)


def _least_ratio(hit: Hit, anchor: Hit, result: SourceHits, options: SearchOptions) -> float:
    """Say which share of the anchor's score a neighbour must have to join it."""
    if anchor.evidence is None and hit.clip != anchor.clip:
        return options.picture_join_ratio
    return options.neighbour_ratio(result.source.kind)


def _score_of(anchor: Hit, hits: Sequence[Hit]) -> float | None:
    name = hit_key(anchor)
    return max((hit.score for hit in hits if hit_key(hit) == name), default=None)


def _joined(
    span: TimeSpan, neighbours: Sequence[TimeSpan], gap_seconds: float, max_seconds: float
) -> TimeSpan:
    """Take in the nearest neighbour again and again while the moment stays short enough."""
    waiting = list(neighbours)
    while waiting:
        nearest = min(waiting, key=lambda other: (span.gap_seconds(other), other))
        waiting.remove(nearest)
        wider = span.hull(nearest)
        if span.gap_seconds(nearest) > gap_seconds:
            break
        if wider.duration_seconds <= max(max_seconds, span.duration_seconds):
            span = wider
    return span


def _snapped(span: TimeSpan, clips: Sequence[Clip], share: float) -> TimeSpan:
    """Widen to every clip that the span fills well enough."""
    for clip in clips:
        if clip.span.shared_seconds(span) >= share * clip.span.duration_seconds > 0:
            span = span.hull(clip.span)
    return span


def _centred(middle_seconds: float, duration_seconds: float, hull: TimeSpan) -> TimeSpan:
    """Make a span of a given length about an instant, pushed inside the hull or cut to it."""
    start = min(middle_seconds - duration_seconds / 2, hull.end_seconds - duration_seconds)
    start = max(start, hull.start_seconds)
    return TimeSpan(start, min(start + duration_seconds, hull.end_seconds))


def _clamped(span: TimeSpan, hull: TimeSpan) -> TimeSpan:
    start = min(max(span.start_seconds, hull.start_seconds), hull.end_seconds)
    return TimeSpan(start, max(start, min(span.end_seconds, hull.end_seconds)))
