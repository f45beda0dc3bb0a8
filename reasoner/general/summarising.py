"""What a video, or a stretch of it, is about: its own central lines in time order."""

from collections.abc import Sequence
from functools import reduce
from itertools import groupby

from reasoner.answer import DraftAnswer, Fallback, GroundedSpan, Role
from reasoner.general.budget import CountTokens, Fitted, fitted, spread
from reasoner.general.extent import Extent
from reasoner.general.finding import NEUTRAL_CONFIDENCE, Finding
from reasoner.general.telling import text_for_people
from store.clock import duration_text, timecode
from store.records import Evidence, Summary, Video
from store.timespan import TimeSpan

HOW_TO_SUMMARISE = "`cinedex index` on the same files builds what is missing"


def summarise(extent: Extent, max_tokens: int, count_tokens: CountTokens) -> Finding:
    """Tell what may be looked at by its central lines, cited.

    Args:
        extent: Of one video, all that fits is told; of several, the foremost lines of each. A limit
            of time is told by the scenes in it.
        max_tokens: Of all lines together.
        count_tokens: Of one line.

    Returns:
        An abstention where no summary was built, or nothing is known of what is asked about.
    """
    parts: list[list[Evidence]] = []
    without: list[Video] = []
    for video in extent.videos:
        own = _parts(extent, video)
        without += [] if own else [video]
        # One video is its scenes; of several, each is a part.
        parts += own if len(extent.videos) == 1 else [_spread(_flat(own))] if own else []
    told = fitted(parts, max_tokens, count_tokens)
    if not told.lines:
        return Finding(DraftAnswer(_nothing(extent, without), True, (), confidence=0.0))
    spans = [
        _grounded(video, [line for line in told.lines if line.video_id == video.video_id])
        for video in extent.videos
        if any(line.video_id == video.video_id for line in told.lines)
    ]
    fallbacks = _left_out(told, len(parts)) + _not_summarised(without)
    text = "\n".join(_told(extent, span, len(extent.videos)) for span in spans)
    if len(spans) > 1:
        text = f"{len(spans)} videos, each by its foremost lines in the order of time:\n{text}"
    draft = DraftAnswer(text, False, told.lines, NEUTRAL_CONFIDENCE, fallbacks)
    return Finding(draft, tuple(spans))


def _parts(extent: Extent, video: Video) -> list[list[Evidence]]:
    """Return the lines that stand for a video's scenes, those of each foremost first."""
    whole = extent.summary(video)
    if whole is None:
        return []
    scenes = extent.scenes(video)
    if extent.scope.within is None:
        return _by_scene([line for line in whole.evidence if extent.admits(video, line)], scenes)
    central = [[line for line in scene.evidence if extent.admits(video, line)] for scene in scenes]
    if any(central):
        return [_spread(lines) for lines in central if lines]
    return [_spread(lines)] if (lines := extent.lines(video)) else []


def _by_scene(lines: Sequence[Evidence], scenes: Sequence[Summary]) -> list[list[Evidence]]:
    def scene_of(line: Evidence) -> int:
        middle = line.span.middle_seconds
        return next((s.ordinal for s in scenes if s.span.contains(middle)), -1)

    return [_spread(list(same)) for _, same in groupby(lines, key=scene_of)]


def _flat(parts: Sequence[Sequence[Evidence]]) -> list[Evidence]:
    return sorted((line for part in parts for line in part), key=lambda line: line.span)


def _spread(lines: Sequence[Evidence]) -> list[Evidence]:
    return [lines[place] for place in spread(len(lines))]


def _grounded(video: Video, lines: Sequence[Evidence]) -> GroundedSpan:
    span = reduce(TimeSpan.hull, (line.span for line in lines))
    return GroundedSpan(video, span, NEUTRAL_CONFIDENCE, tuple(lines))


def _told(extent: Extent, span: GroundedSpan, num_videos: int) -> str:
    video, within, count = span.video, extent.scope.within, len(span.evidence)
    lines = "1 line" if count == 1 else f"{count} lines"
    stretch = f"{duration_text(video.duration_seconds)}"
    if within is not None:
        end = min(within.end_seconds, video.duration_seconds)
        stretch = f"{timecode(within.start_seconds)} to {timecode(end)}"
    told_by = f", told by {lines} of its own in the order of time" if num_videos == 1 else ""
    return f"{video.title!r} ({stretch}){told_by}:\n{text_for_people(span.evidence)}"


def _nothing(extent: Extent, without: Sequence[Video]) -> str:
    if not extent.videos:
        return "The library does not hold an answer: there is no video to sum up."
    built = [video for video in extent.videos if extent.summary(video) is not None]
    if built:
        return "The library does not hold an answer: nothing is known of the stretch asked about."
    if any(extent.lines(video) for video in without):
        return (
            f"The library does not hold an answer: no summary was built of {_named(without)}; "
            f"{HOW_TO_SUMMARISE}."
        )
    return f"The library does not hold an answer: nothing is known of {_named(without)}."


def _left_out(told: Fitted, num_parts: int) -> tuple[Fallback, ...]:
    if not told.num_left_out:
        return ()
    reason = (
        f"{told.num_left_out} of {told.num_left_out + len(told.lines)} lines do not fit and are "
        "left out evenly; --video or a limit of time tells more of less"
    )
    return (Fallback(Role.ANSWERER, reason),)


def _not_summarised(videos: Sequence[Video]) -> tuple[Fallback, ...]:
    if not videos:
        return ()
    return (Fallback(Role.ANSWERER, f"nothing sums up {_named(videos)}; {HOW_TO_SUMMARISE}"),)


def _named(videos: Sequence[Video]) -> str:
    first = ", ".join(repr(video.title) for video in videos[:3])
    return first if len(videos) <= 3 else f"{first} and {len(videos) - 3} more"
