"""Where the grounder looks: retrieved moments, widened and merged."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

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
        options: How much is added on both sides, how long a window may be, and which videos are
            taken whole.
        within: Bound that a question set; nothing outside is looked at, and evidence that mostly
            lies outside is left out.

    Returns:
        The window of the best moment first. None is longer than the options allow: windows that
        would be too long together overlap instead, and a moment that is too long is divided.
    """
    stretches: list[_Stretch] = []
    for moment in moments:
        new = _Stretch((moment,), _bounded(moment, options, within))
        touching = [old for old in stretches if _same_place(old, new)]
        for old in touching:
            joined = new.span.hull(old.span)
            if joined.duration_seconds <= options.max_window_seconds:
                new = _Stretch(old.moments + new.moments, joined)
                stretches.remove(old)
        stretches.append(new)
    parts = [part for stretch in stretches for part in _parts(stretch, options.max_window_seconds)]
    windows = [_window(part, library, within) for part in parts]
    return sorted(windows, key=lambda window: -window.moment_score)


def _bounded(moment: Moment, options: ChainOptions, within: TimeSpan | None) -> TimeSpan:
    length = moment.video.duration_seconds
    spare = max(0.0, options.max_window_seconds - moment.span.duration_seconds)
    margin = min(options.window_margin_seconds, spare / 2)
    wide = moment.span.widened(margin, limit_seconds=length)
    if length <= options.whole_video_seconds:
        wide = TimeSpan(0.0, length)
    if within is None or not wide.overlaps(within):
        return wide
    return TimeSpan(
        max(wide.start_seconds, within.start_seconds), min(wide.end_seconds, within.end_seconds)
    )


def _parts(stretch: _Stretch, max_seconds: float) -> list[_Stretch]:
    """Divide what one moment made too long into as few equal parts as fit."""
    start, length = stretch.span.start_seconds, stretch.span.duration_seconds
    count = max(1, math.ceil(length / max_seconds))
    bounds = [start + length * number / count for number in range(count)]
    bounds.append(stretch.span.end_seconds)
    return [replace(stretch, span=TimeSpan(*ends)) for ends in pairwise(bounds)]


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
