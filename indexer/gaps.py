"""Where subtitles leave a gap in what is known to be spoken."""

from collections.abc import Sequence

from store.timespan import TimeSpan

# Half a minute without a cue is common in a subtitled film, and listening there costs only the
# voice detector, some 2 ms a second. Words that a subtitler left out seldom stand nearer than that.
LONGEST_UNHEARD_SECONDS = 30.0
# Subtitles that leave so much of a video uncovered translate signs and foreign lines ("forced"):
# what is spoken between them is in no file, however short the time between two of them.
_FORCED_UNCOVERED_SHARE = 0.8
# A cue's bounds lie this near to what is spoken: a gap begins later and ends earlier, or it would
# hold the ends of sentences that are known already.
_EDGE_SECONDS = 1.0


def gaps(
    subtitle_spans: Sequence[TimeSpan],
    duration_seconds: float,
    longest_unheard_seconds: float = LONGEST_UNHEARD_SECONDS,
) -> list[TimeSpan]:
    """List the parts of a video in which nothing says what is spoken, in time order.

    Args:
        subtitle_spans: In any order, overlapping or not.
        duration_seconds: Of the video.
        longest_unheard_seconds: A longer time without a subtitle is a gap. Where gaps are almost
            all of the video, every time without a subtitle is one.
    """
    uncovered = _uncovered(subtitle_spans, duration_seconds)
    long_gaps = [span for span in uncovered if span.duration_seconds > longest_unheard_seconds]
    if (
        sum(span.duration_seconds for span in long_gaps)
        < _FORCED_UNCOVERED_SHARE * duration_seconds
    ):
        uncovered = long_gaps
    trimmed = (_trimmed(span, duration_seconds) for span in uncovered)
    return [span for span in trimmed if span is not None]


def _uncovered(spans: Sequence[TimeSpan], duration_seconds: float) -> list[TimeSpan]:
    uncovered = []
    covered_until = 0.0
    for span in sorted(spans):
        start = min(span.start_seconds, duration_seconds)
        if start > covered_until:
            uncovered.append(TimeSpan(covered_until, start))
        covered_until = max(covered_until, span.end_seconds)
    if covered_until < duration_seconds:
        uncovered.append(TimeSpan(covered_until, duration_seconds))
    return uncovered


def _trimmed(span: TimeSpan, duration_seconds: float) -> TimeSpan | None:
    """Take the edges off where a cue is beyond them; ``None`` where nothing is left."""
    start = span.start_seconds + (_EDGE_SECONDS if span.start_seconds > 0 else 0.0)
    end = span.end_seconds - (_EDGE_SECONDS if span.end_seconds < duration_seconds else 0.0)
    return TimeSpan(start, end) if start < end else None
