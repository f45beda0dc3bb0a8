"""Answers that no answerer writes: where a moment was seen, what is said there, or that it is not.

Apart from the chain because they are words for a person, and from the answerers because they need
no model.
"""

from collections.abc import Sequence
from dataclasses import replace

from reasoner.answer import DraftAnswer, GroundedSpan
from retriever.moment import Moment
from store.records import Video
from store.timespan import TimeSpan

NOTHING = DraftAnswer(text="", abstained=True, cited=(), confidence=0.0)
LEAST_YES = 0.5
"""Below it the verifier takes "No" for likelier: such a moment was not found."""


def read_out(span: GroundedSpan) -> DraftAnswer:
    """Let the best span speak for itself.

    A moment that a role found in the pictures is an answer by its seconds alone, unless the
    verifier denies it; what is said under it is not what it was found by and is not cited. A span
    that the grounder only fell back on is none until a verifier has judged it.
    """
    if span.is_seen:
        return _seen(span)
    if not span.evidence or (span.fallback and span.yes_probability is None):
        return NOTHING
    text = " ".join(piece.text for piece in span.evidence)
    return DraftAnswer(text=text, abstained=False, cited=span.evidence, confidence=span.confidence)


def nothing_found(videos: Sequence[Video], moments: Sequence[Moment], emptied_by: str) -> str:
    """Say that the library holds no answer, and what was looked at."""
    if emptied_by:
        return f"The library does not hold an answer: {emptied_by}."
    if not moments:
        return f"The library does not hold an answer: no moment in {_videos(len(videos))} matches."
    best = moments[0]
    return (
        f"The library does not hold an answer: looked at {_counted(moments)}, the nearest in "
        f"{_place(best.video, best.span)}, and nothing there supports one."
    )


def not_looked_at(moments: Sequence[Moment], unseen: str) -> str:
    """Say that it is not known whether the library holds an answer, and why."""
    return (
        "Whether the library holds an answer is not known: "
        f"{_counted(moments)} could not be looked at: {unseen}"
    )


def _seen(span: GroundedSpan) -> DraftAnswer:
    said = span.yes_probability
    if said is not None and said < LEAST_YES:
        return replace(NOTHING, confidence=1.0 - said)
    return DraftAnswer(
        text=f"Found in the pictures of {_place(span.video, span.span)}.",
        abstained=False,
        cited=(),
        confidence=span.confidence if said is None else said,
    )


def _place(video: Video, span: TimeSpan) -> str:
    return f"{video.title!r} at {span.start_seconds:.1f}-{span.end_seconds:.1f} s"


def _counted(moments: Sequence[Moment]) -> str:
    count = "1 moment" if len(moments) == 1 else f"{len(moments)} moments"
    return f"{count} in {_videos(len({moment.video.video_id for moment in moments}))}"


def _videos(count: int) -> str:
    return "1 video" if count == 1 else f"{count} videos"
