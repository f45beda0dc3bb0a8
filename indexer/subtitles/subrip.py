"""SubRip and WebVTT, which one tolerant parser reads.

It is ours because pysubs2 reads broken files worse: of the 14 cues with a readable time in the
broken files of ``tests/indexer/test_subrip.py`` it returns 9 as they are (1.8.1), and joins the
lines of a cue without readable times, of a note, of a style and of the next cue's name to the text
before.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from indexer.subtitles.cues import MAX_CUES, NO_TIMES, TOO_MANY, Cue, CueList

_STAMP = r"(-?)(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3})\d{0,6})?"
_TIMING = re.compile(rf"\s*{_STAMP}\s*-->\s*{_STAMP}(?:\s.*)?")
_NUM_STAMP_GROUPS = 5
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff]")


def parse_subrip(text: str) -> CueList:
    """Read cues; a timing line that cannot be read costs its own cue and no other."""
    cues: list[Cue] = []
    faults: Counter[str] = Counter()
    for timing, lines in _blocks(text):
        times = _times(timing)
        if times is None:
            faults[NO_TIMES] += 1
        elif len(cues) == MAX_CUES:
            faults[TOO_MANY] += 1
        else:
            cues.append(Cue(*times, "\n".join(lines)))
    return CueList(tuple(cues), faults)


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each timing line with the lines below it, up to the next empty one or timing."""
    timing: str | None = None
    lines: list[str] = []
    for line in re.split(r"\r\n|\r|\n", text):
        if "-->" in line:
            if timing is not None:
                # No empty line between: what stands last is the number of this cue.
                yield timing, lines[:-1] if lines and lines[-1].strip().isdigit() else lines
            timing, lines = line, []
        elif timing is not None and line.strip():
            lines.append(line)
        elif timing is not None:
            yield timing, lines
            timing = None
    if timing is not None:
        yield timing, lines


def _times(timing: str) -> tuple[float, float] | None:
    match = _TIMING.fullmatch(_CONTROL.sub("", timing))
    if match is None:
        return None
    stamps = match.groups()
    return _seconds(stamps[:_NUM_STAMP_GROUPS]), _seconds(stamps[_NUM_STAMP_GROUPS:])


def _seconds(stamp: Sequence[str | None]) -> float:
    sign, hours, minutes, seconds, fraction = (part or "0" for part in stamp)
    whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    magnitude = whole + int(fraction.ljust(3, "0")) / 1000
    return -magnitude if sign == "-" else magnitude
