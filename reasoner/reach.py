"""How far a question reaches: a few moments, a whole video, every clip, or what comes after.

Apart from the plan, which carries it, because the readers of words make it and know no plan.
"""

from dataclasses import dataclass
from enum import StrEnum

from store.records import EvidenceKind


class Reach(StrEnum):
    """What must be looked at to answer a question."""

    MOMENTS = "moments"  # the best few, as a search finds them
    SUMMARY = "summary"  # what stands for a whole video or a stretch of it
    COUNT = "count"  # every clip, and how often something is there
    AFTER = "after"  # what follows a moment
    BEFORE = "before"
    BETWEEN = "between"  # two moments


TOLD_BY_LINES = frozenset({Reach.SUMMARY, Reach.AFTER, Reach.BEFORE, Reach.BETWEEN})
"""Answered by a text of several lines: those that are cited, each with its time."""


class CountUnit(StrEnum):
    """What is counted."""

    TIMES = "times"
    CLIPS = "clips"
    SCENES = "scenes"
    VIDEOS = "videos"


@dataclass(frozen=True, slots=True)
class Tally:
    """What a counting question counts.

    Attributes:
        verb: As the answer says it: ``said``, ``shown``, ``found``.
        kinds: Of evidence that counts; empty for all.
        speaker: Who says it, as named; empty for anybody.
        may_be_told: The number may be said in a line ("she hit it four times"), which goes first.
    """

    verb: str
    kinds: tuple[EvidenceKind, ...] = ()
    unit: CountUnit = CountUnit.TIMES
    speaker: str = ""
    may_be_told: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What the words of a question reach for.

    Attributes:
        subjects: The title that is summarised if one is named, the thing that is counted, or the
            one or two moments that time is told by; quotation marks are kept.
        tally: Of a count alone.
    """

    reach: Reach = Reach.MOMENTS
    subjects: tuple[str, ...] = ()
    tally: Tally | None = None
