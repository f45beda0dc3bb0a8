"""How often something is said, shown or mentioned: every line in scope, in time order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

from reasoner.answer import GroundedSpan
from reasoner.general.extent import Extent
from reasoner.general.finding import NEUTRAL_CONFIDENCE
from reasoner.general.subject import Subject
from reasoner.reach import CountUnit, Tally
from store.records import SPOKEN_KINDS, Evidence, EvidenceKind, Video
from store.timespan import TimeSpan

JOIN_SECONDS = 1.0
"""What is seen or written and again after less is there all the time."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that it is there, in one video.

    Attributes:
        lines: That tell of it, in time order; of several kinds where it is said and shown at once.
        times: More than 1 where a line says a phrase more than once.
    """

    video: Video
    lines: tuple[Evidence, ...]
    times: int

    @property
    def span(self) -> TimeSpan:
        """From the first of its lines to the last."""
        return reduce(TimeSpan.hull, (line.span for line in self.lines))

    def grounded(self) -> GroundedSpan:
        """Return where it is, as answers have it."""
        return GroundedSpan(self.video, self.span, NEUTRAL_CONFIDENCE, self.lines)


@dataclass(frozen=True, slots=True)
class Count:
    """What a scan of all lines in scope found.

    Attributes:
        number: In the unit that was asked for, as far as it is known.
        unit: That was counted: clips where no scenes were built.
        num_lines: That were looked at.
        kinds: Of those lines.
        is_speaker_known: False where a speaker was named and no line says who speaks.
    """

    number: int
    unit: CountUnit
    occurrences: tuple[Occurrence, ...]
    num_lines: int
    kinds: frozenset[EvidenceKind]
    is_speaker_known: bool


def count(extent: Extent, subject: Subject, tally: Tally) -> Count:
    """Read every line in scope, one video after the other, and count what holds the subject."""
    found: list[Occurrence] = []
    kinds: set[EvidenceKind] = set()
    numbers = dict.fromkeys(CountUnit, 0)
    num_lines, is_speaker_known, has_scenes = 0, not tally.speaker, True
    for video in extent.videos:
        lines = [line for line in extent.lines(video) if _counts(line, tally)]
        if tally.speaker and any(line.speaker for line in lines):
            is_speaker_known = True
            lines = [line for line in lines if _is_said_by(line, tally.speaker)]
        here = _occurrences(video, lines, subject)
        scenes = [scene.span for scene in extent.scenes(video)] if here else []
        has_scenes &= bool(scenes) or not here
        for unit in CountUnit:
            numbers[unit] += _number(here, unit, scenes)
        found += here
        num_lines += len(lines)
        kinds |= {line.kind for line in lines}
    unit = tally.unit
    if unit is CountUnit.SCENES and not has_scenes:
        unit = CountUnit.CLIPS
    return Count(numbers[unit], unit, tuple(found), num_lines, frozenset(kinds), is_speaker_known)


def _is_said_by(line: Evidence, speaker: str) -> bool:
    return (line.speaker or "").casefold() == speaker.casefold()


def _counts(line: Evidence, tally: Tally) -> bool:
    return not tally.kinds or line.kind in tally.kinds


def _occurrences(video: Video, lines: Sequence[Evidence], subject: Subject) -> list[Occurrence]:
    found: list[Occurrence] = []
    for line in lines:
        times = subject.times_in(line.text)
        if not times:
            continue
        if found and _continues(found[-1], line):
            last = found.pop()
            found.append(Occurrence(video, (*last.lines, line), max(last.times, times)))
        else:
            found.append(Occurrence(video, (line,), times))
    return found


def _continues(last: Occurrence, line: Evidence) -> bool:
    """Say whether a line tells of the same time: it is there meanwhile, or is still to be seen.

    Two sentences are two times, even in one clip; what a subtitle and a recogniser have of one
    sentence is one.
    """
    spoken = {other.kind for other in last.lines if other.kind in SPOKEN_KINDS}
    if line.kind in spoken:
        return False
    if last.span.overlaps(line.span):
        return True
    is_look = not spoken and line.kind not in SPOKEN_KINDS
    return is_look and last.span.gap_seconds(line.span) <= JOIN_SECONDS


def _number(here: Sequence[Occurrence], unit: CountUnit, scenes: Sequence[TimeSpan]) -> int:
    lines = [line for occurrence in here for line in occurrence.lines]
    if unit is CountUnit.TIMES:
        return sum(occurrence.times for occurrence in here)
    if unit is CountUnit.VIDEOS:
        return int(bool(here))
    if unit is CountUnit.SCENES:
        return len(_holding(scenes, lines))
    return len({line.clip_ordinal for line in lines})


def _holding(scenes: Sequence[TimeSpan], lines: Iterable[Evidence]) -> set[int]:
    return {
        place
        for line in lines
        for place, scene in enumerate(scenes)
        if scene.contains(line.span.middle_seconds)
    }
