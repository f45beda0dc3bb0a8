"""A count in words: how often, where, and what may have been missed."""

from collections.abc import Collection, Sequence
from itertools import groupby

from reasoner.general.counting import Count, Occurrence
from reasoner.general.subject import Subject
from reasoner.reach import CountUnit, Tally
from store.clock import timecode
from store.records import EvidenceKind

MOST_TOLD = 10
"""Times that the text tells; the answer's citations hold all."""
_MISSES = (
    ({EvidenceKind.SPEECH}, "speech recognition"),
    ({EvidenceKind.SCREEN_TEXT}, "the reading of text in pictures"),
    ({EvidenceKind.CAPTION, EvidenceKind.TAG}, "the recognition of what is seen"),
)
_UNITS = {
    CountUnit.TIMES: ("time", "times"),
    CountUnit.CLIPS: ("clip", "clips"),
    CountUnit.SCENES: ("scene", "scenes"),
    CountUnit.VIDEOS: ("video", "videos"),
}


def count_text(counted: Count, subject: Subject, tally: Tally) -> str:
    """Say how often, at which times, and what may have been missed.

    Args:
        counted: At least one occurrence.
        subject: What was counted.
        tally: Whose verb says what was done with it.
    """
    one, many = _UNITS[counted.unit]
    number = f"{counted.number} {one if counted.number == 1 else many}"
    if counted.unit is not CountUnit.TIMES:
        number = f"in {number}"
    return (
        f"{_named(subject)}: {tally.verb} {number}, as far as can be found: at "
        f"{_places(counted.occurrences)}.{_doubt(counted.kinds)}"
    )


def never_text(counted: Count, subject: Subject, tally: Tally) -> str:
    """Say that words were not found in what was heard of all that was said."""
    return (
        f"{_named(subject)}: never {tally.verb}, as far as can be found: none of "
        f"{_lines(counted)} holds it.{_doubt(counted.kinds)}"
    )


def none_text(counted: Count, subject: Subject, tally: Tally) -> str:
    """Say that nothing tells of what was asked for, which is not to say that it is not there."""
    if not counted.num_lines:
        return (
            "The library does not hold an answer: no evidence could tell how often "
            f"{_named(subject)} was {tally.verb}."
        )
    return (
        f"The library does not hold an answer: none of {_lines(counted)} of evidence that could "
        f"tell of it holds {_named(subject)}."
    )


def unit_reason(counted: Count, tally: Tally) -> str:
    """Say why something else was counted than was asked for; empty where nothing was."""
    if counted.unit is tally.unit:
        return ""
    return "no scenes were built; clips are counted. `cinedex index` builds scenes"


def speaker_reason(tally: Tally) -> str:
    """Say that everybody's words were counted."""
    return (
        f"no line says who speaks; what is said is counted, whether {tally.speaker} says it or not"
    )


def _lines(counted: Count) -> str:
    return "1 line" if counted.num_lines == 1 else f"{counted.num_lines} lines"


def _named(subject: Subject) -> str:
    if subject.phrases and not subject.keys:
        return " and ".join(f"'{' '.join(phrase)}'" for phrase in subject.phrases)
    return f"'{subject.words}'"


def _places(occurrences: Sequence[Occurrence]) -> str:
    told = []
    for _, same in groupby(occurrences[:MOST_TOLD], key=lambda each: each.video.video_id):
        here = list(same)
        times = ", ".join(timecode(each.span.start_seconds) for each in here)
        told.append(f"{times} in {here[0].video.title!r}")
    more = len(occurrences) - MOST_TOLD
    return "; ".join(told) + (f"; and {more} more" if more > 0 else "")


def _doubt(kinds: Collection[EvidenceKind]) -> str:
    missing = [what for of, what in _MISSES if of & set(kinds)]
    if not missing:
        return ""
    *first, last = missing
    listed = f"{', '.join(first)} and {last}" if first else last
    return f" {listed[0].upper()}{listed[1:]} may miss some."
