"""Where one video is divided into clips: at shots, between sentences, never too short or too long.

A dynamic programme over the instants where a boundary may stand. Cutting inside a sentence is
worse than anything else, so it happens only where every allowed division does it; among the rest
the cheapest division wins.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from indexer.interfaces import Cut
from store.timespan import TimeSpan

# Instants between marks where a boundary may stand when nothing better is near.
_GRID_SECONDS = 1.0
# Float sums of seconds are compared with this slack; far below a millisecond.
_SLACK_SECONDS = 1e-6
# Prices are against the squared relative distance of a clip's length from the target: a clip of
# twice the target costs 1.
_UNMARKED_PRICE = 1.0
_PAUSE_PRICE = 0.6
_SWALLOWED_SHOT_PRICE = 0.5


@dataclass(frozen=True, slots=True)
class ClipOptions:
    """How long clips are.

    Attributes:
        min_seconds: Only a video shorter than twice this has a shorter clip: itself.
        max_seconds: At least twice ``min_seconds``, so that every video can be divided.
        target_seconds: The length that costs nothing.
    """

    min_seconds: float = 4.0
    max_seconds: float = 30.0
    target_seconds: float = 10.0

    def __post_init__(self) -> None:
        if not 0 < self.min_seconds <= self.max_seconds / 2 < math.inf:
            raise ValueError(f"clips need 0 < min_seconds <= max_seconds / 2, got {self}")
        if not self.min_seconds <= self.target_seconds <= self.max_seconds:
            raise ValueError(f"the target lies between the shortest and the longest, got {self}")


@dataclass(frozen=True, slots=True)
class _Boundary:
    """An instant where a clip may end.

    Attributes:
        breaks_sentence: Whether someone is in the middle of a sentence.
        price: Of ending a clip here.
        shot_weight: Price of not ending one here; 0 where the shot goes on.
    """

    seconds: float
    breaks_sentence: bool
    price: float
    shot_weight: float


def cut_clips(
    duration_seconds: float,
    cuts: Sequence[Cut],
    sentences: Sequence[TimeSpan],
    options: ClipOptions,
) -> tuple[TimeSpan, ...]:
    """Divide ``[0, duration_seconds)`` into clips.

    Args:
        duration_seconds: Of the video; 0 gives one empty clip.
        cuts: In any order; those outside the video count for nothing.
        sentences: Spoken or written as subtitles, in any order, overlapping or not.
        options: Shortest, longest and best length.

    Returns:
        Spans in time order, each beginning where the one before ends.

    Raises:
        ValueError: The duration is negative or not finite.
    """
    if not 0 <= duration_seconds < math.inf:
        raise ValueError(f"a duration is finite and not negative, got {duration_seconds}")
    if duration_seconds < 2 * options.min_seconds - _SLACK_SECONDS:
        return (TimeSpan(0.0, duration_seconds),)
    boundaries = _boundaries(duration_seconds, cuts, _merged(sentences), options)
    ends = _cheapest_division(boundaries, options)
    return tuple(TimeSpan(start, end) for start, end in pairwise([0.0, *ends]))


def _merged(sentences: Sequence[TimeSpan]) -> list[TimeSpan]:
    """Join sentences that overlap; those that only touch leave an instant between them."""
    merged: list[TimeSpan] = []
    for sentence in sorted(sentences):
        if merged and sentence.start_seconds < merged[-1].end_seconds:
            merged[-1] = merged[-1].hull(sentence)
        elif sentence.duration_seconds > 0:
            merged.append(sentence)
    return merged


def _boundaries(
    duration_seconds: float,
    cuts: Sequence[Cut],
    sentences: Sequence[TimeSpan],
    options: ClipOptions,
) -> list[_Boundary]:
    """Price every instant where a clip may end, the start of the video first and its end last."""
    shot_weights: dict[float, float] = {}
    for cut in cuts:
        shot_weights[cut.seconds] = max(shot_weights.get(cut.seconds, 0.0), cut.confidence)
    pauses = _pauses(sentences)
    starts = [sentence.start_seconds for sentence in sentences]
    instants = {*shot_weights, *pauses, *_grid(duration_seconds, options)}
    boundaries = [_Boundary(0.0, False, 0.0, 0.0)]
    for seconds in sorted(instants):
        if not _SLACK_SECONDS < seconds < duration_seconds - _SLACK_SECONDS:
            continue
        speaking = bisect_left(starts, seconds) - 1
        breaks_sentence = speaking >= 0 and seconds < sentences[speaking].end_seconds
        weight = shot_weights.get(seconds, 0.0)
        unmarked_price = _PAUSE_PRICE if seconds in pauses else _UNMARKED_PRICE
        price = unmarked_price * (1 - weight)
        boundaries.append(
            _Boundary(seconds, breaks_sentence, price, _SWALLOWED_SHOT_PRICE * weight)
        )
    return [*boundaries, _Boundary(duration_seconds, False, 0.0, 0.0)]


def _pauses(sentences: Sequence[TimeSpan]) -> set[float]:
    """List where sentences begin and end, and the middle of each pause between two."""
    pauses = {edge for span in sentences for edge in (span.start_seconds, span.end_seconds)}
    middles = {(a.end_seconds + b.start_seconds) / 2 for a, b in pairwise(sentences)}
    return pauses | middles


def _grid(duration_seconds: float, options: ClipOptions) -> set[float]:
    """List evenly spaced instants, among them those of one division that is always allowed."""
    num_steps = math.ceil(duration_seconds / _GRID_SECONDS)
    num_even = math.ceil(duration_seconds / options.max_seconds)
    return {step * _GRID_SECONDS for step in range(1, num_steps)} | {
        duration_seconds * part / num_even for part in range(1, num_even)
    }


def _cheapest_division(boundaries: Sequence[_Boundary], options: ClipOptions) -> list[float]:
    """Choose the ends of all clips.

    The cost of a division is the number of broken sentences first, then the sum over its clips of
    length, end and swallowed shots.
    """
    instants = [boundary.seconds for boundary in boundaries]
    swallowed = list(accumulate(boundary.shot_weight for boundary in boundaries))
    best: list[tuple[int, float] | None] = [(0, 0.0)]
    previous = [0]
    for end, boundary in enumerate(boundaries[1:], start=1):
        first = bisect_left(instants, boundary.seconds - options.max_seconds - _SLACK_SECONDS)
        last = bisect_right(instants, boundary.seconds - options.min_seconds + _SLACK_SECONDS)
        cheapest: tuple[int, float] | None = None
        chosen = 0
        for start in range(first, last):
            so_far = best[start]
            if so_far is None:
                continue
            stretch = (boundary.seconds - instants[start]) / options.target_seconds - 1
            price = boundary.price + stretch * stretch + swallowed[end - 1] - swallowed[start]
            cost = (so_far[0] + boundary.breaks_sentence, so_far[1] + price)
            if cheapest is None or cost < cheapest:
                cheapest, chosen = cost, start
        best.append(cheapest)
        previous.append(chosen)
    ends = []
    position = len(boundaries) - 1
    while position:
        ends.append(instants[position])
        position = previous[position]
    return ends[::-1]
