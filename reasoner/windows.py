"""Where the grounder looks: retrieved moments, widened and merged."""

from collections.abc import Sequence
from dataclasses import dataclass

from reasoner.answer import Window
from reasoner.interfaces import EvidenceSource
from reasoner.options import ChainOptions
from retriever.moment import Moment
from store.timespan import TimeSpan


@dataclass(frozen=True, slots=True)
class _Stretch:
    moments: tuple[Moment, ...]
    span: TimeSpan


def windows_of(
    moments: Sequence[Moment],
    library: EvidenceSource,
    options: ChainOptions,
    within: TimeSpan | None,
) -> list[Window]:
    """Widen moments, merge those of one video that then overlap, and fetch the evidence under them.

    Args:
        moments: Best first.
        library: Where the evidence is read.
        options: How much is added on both sides, and which videos are taken whole.
        within: Bound that a question set; nothing outside is looked at, and evidence that mostly
            lies outside is left out.

    Returns:
        The window of the best moment first.
    """
    stretches: list[_Stretch] = []
    for moment in moments:
        new = _Stretch((moment,), _bounded(moment, options, within))
        touching = [old for old in stretches if _same_place(old, new)]
        for old in touching:
            new = _Stretch(old.moments + new.moments, old.span.hull(new.span))
            stretches.remove(old)
        stretches.append(new)
    windows = [_window(stretch, library, within) for stretch in stretches]
    return sorted(windows, key=lambda window: -window.moment_score)


def _bounded(moment: Moment, options: ChainOptions, within: TimeSpan | None) -> TimeSpan:
    length = moment.video.duration_seconds
    wide = moment.span.widened(options.window_margin_seconds, limit_seconds=length)
    if length <= options.whole_video_seconds:
        wide = TimeSpan(0.0, length)
    if within is None or not wide.overlaps(within):
        return wide
    return TimeSpan(
        max(wide.start_seconds, within.start_seconds), min(wide.end_seconds, within.end_seconds)
    )


def _same_place(one: _Stretch, other: _Stretch) -> bool:
    same_video = one.moments[0].video.video_id == other.moments[0].video.video_id
    return same_video and one.span.overlaps(other.span)


def _window(stretch: _Stretch, library: EvidenceSource, within: TimeSpan | None) -> Window:
    video = stretch.moments[0].video
    evidence = tuple(
        piece
        for piece in library.evidence(video.video_id, stretch.span)
        if within is None or within.contains(piece.span.middle_seconds)
    )
    matched = [piece.evidence_id for moment in stretch.moments for piece in moment.evidence]
    return Window(
        video=video,
        span=stretch.span,
        evidence=evidence,
        moment_score=max(moment.score for moment in stretch.moments),
        matched_ids=tuple(dict.fromkeys(matched)),
    )
