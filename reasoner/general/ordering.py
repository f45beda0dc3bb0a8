"""What comes after, before or between moments: the lines there, to the end of the scene."""

from collections.abc import Sequence
from functools import reduce

from reasoner.answer import DraftAnswer, Fallback, GroundedSpan, Role
from reasoner.general.budget import CountTokens, fitted, spread
from reasoner.general.extent import Extent
from reasoner.general.finding import NEUTRAL_CONFIDENCE, Finding
from reasoner.general.landmark import probability
from reasoner.general.telling import text_for_people
from reasoner.reach import Reach
from store.clock import timecode
from store.records import Evidence, EvidenceKind, Video
from store.timespan import TimeSpan


def tell_order(
    extent: Extent,
    reach: Reach,
    moments: Sequence[GroundedSpan],
    max_tokens: int,
    count_tokens: CountTokens,
) -> Finding:
    """Tell what is known of the time around moments.

    Args:
        extent: What may be looked at.
        reach: After, before or between.
        moments: One, or two of one video, in any order.
        max_tokens: Of all lines together.
        count_tokens: Of one line.

    Returns:
        An abstention where nothing is known of that time.
    """
    video = moments[0].video
    beside = _beside(extent, reach, moments, _news(extent.lines(video)))
    if not beside:
        return Finding(DraftAnswer(_nothing(reach, moments), True, (), 0.0), tuple(moments))
    # What is nearest to a moment goes first; between two, what is spread evenly.
    order = spread(len(beside)) if reach is Reach.BETWEEN else range(len(beside))
    ranked = [beside[place] for place in order]
    if reach is Reach.BEFORE:
        ranked.reverse()
    told = fitted([ranked], max_tokens, count_tokens)
    fallbacks: tuple[Fallback, ...] = ()
    if told.num_left_out:
        reason = f"{told.num_left_out} more lines do not fit and are left out"
        fallbacks = (Fallback(Role.ANSWERER, reason),)
    span = reduce(TimeSpan.hull, (line.span for line in told.lines))
    confidence = min(probability(moment) for moment in moments)
    text = f"{_heading(reach, moments)}:\n{text_for_people(told.lines)}"
    grounded = GroundedSpan(video, span, NEUTRAL_CONFIDENCE, told.lines)
    draft = DraftAnswer(text, False, told.lines, confidence, fallbacks, span=grounded)
    return Finding(draft, (grounded, *moments))


def _beside(
    extent: Extent, reach: Reach, moments: Sequence[GroundedSpan], lines: Sequence[Evidence]
) -> list[Evidence]:
    """Return the lines of the time that is asked about, in time order."""
    own = {line.evidence_id for moment in moments for line in moment.evidence}
    others = [line for line in lines if line.evidence_id not in own]
    spans = sorted(moment.span for moment in moments)
    start, end = spans[0], spans[-1]
    if reach is Reach.BETWEEN:
        return [
            line
            for line in others
            if line.span.start_seconds >= start.end_seconds
            and line.span.middle_seconds < end.start_seconds
        ]
    if reach is Reach.AFTER:
        later = [line for line in others if line.span.start_seconds >= end.end_seconds]
        return _of_one_scene(extent, moments[0].video, later, later[:1])
    earlier = [line for line in others if line.span.end_seconds <= start.start_seconds]
    return _of_one_scene(extent, moments[0].video, earlier, earlier[-1:])


def _news(lines: Sequence[Evidence]) -> list[Evidence]:
    """Leave out tags, which captions hold, and captions that say what the last one said."""
    told: list[Evidence] = []
    caption = ""
    for line in lines:
        is_caption = line.kind is EvidenceKind.CAPTION
        if line.kind is not EvidenceKind.TAG and not (is_caption and line.text == caption):
            told.append(line)
        caption = line.text if is_caption else caption
    return told


def _of_one_scene(
    extent: Extent, video: Video, lines: Sequence[Evidence], nearest: Sequence[Evidence]
) -> list[Evidence]:
    """Keep the lines of the nearest one's scene, or of its clip where no scenes were built."""
    for near in nearest:
        middle = near.span.middle_seconds
        for scene in extent.scenes(video):
            if scene.span.contains(middle):
                return [line for line in lines if scene.span.contains(line.span.middle_seconds)]
        return [line for line in lines if line.clip_ordinal == near.clip_ordinal]
    return []


def _heading(reach: Reach, moments: Sequence[GroundedSpan]) -> str:
    title = moments[0].video.title
    places = " and ".join(_place(moment) for moment in sorted(moments, key=lambda m: m.span))
    return f"{reach.value.capitalize()} {places} in {title!r}"


def _place(moment: GroundedSpan) -> str:
    said = " ".join(" ".join(line.text.split()) for line in moment.evidence)
    quote = f" ({said})" if said else ""
    return f"{timecode(moment.span.start_seconds)}{quote}"


def _nothing(reach: Reach, moments: Sequence[GroundedSpan]) -> str:
    return (
        "The library does not hold an answer: nothing is known of the time "
        f"{_heading(reach, moments)[0].lower()}{_heading(reach, moments)[1:]}."
    )
