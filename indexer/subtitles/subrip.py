"""SubRip and WebVTT, which one tolerant parser reads.

A cue holds all lines up to the next timing: files exist with empty lines inside a cue, or between
a timing and its text. What belongs to the next cue, and what is no text at all, is taken off.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from indexer.subtitles.cues import MAX_CUES, NO_TIMES, TOO_MANY, Cue, CueList
from indexer.subtitles.stamps import stamp_seconds

# Files that went through a text mode twice have two carriage returns.
_LINE_END = re.compile(r"\r+\n|\r|\n")
# Blocks of WebVTT without words; the first one stands in the middle where files were joined.
_WORDLESS = re.compile(r"(?:WEBVTT|NOTE)(?:\s.*)?|(?:STYLE|REGION)\s*")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff]")
_MIN_NAME_SIGNS = 2


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
            cues.append(Cue(*times, "\n".join(_words(lines))))
    return CueList(tuple(cues), faults)


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each timing line with the lines below it that are its own."""
    timing: str | None = None
    lines: list[str] = []
    for line in _LINE_END.split(text):
        if "-->" not in line:
            lines.append(line)
            continue
        if timing is not None:
            yield timing, _without_next_name(lines)
        timing, lines = line, []
    if timing is not None:
        yield timing, _without_next_name([*lines, ""])


def _without_next_name(lines: list[str]) -> list[str]:
    """Drop the number or the name of the next cue, whose timing follows the lines.

    The last line is one where two of three are so: it is a number, it has an empty line above, it
    has none below.
    """
    last = max((place for place, line in enumerate(lines) if line), default=0)
    signs = (
        bool(lines) and lines[last].strip().isdigit(),
        last > 0 and not lines[last - 1],
        last == len(lines) - 1,
    )
    return lines[:last] if sum(signs) >= _MIN_NAME_SIGNS else lines


def _words(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines that say something: not those of notes and styles, which stand apart."""
    above = "the timing"
    is_wordless = False
    for line in lines:
        is_wordless = bool(line) and (is_wordless or bool(not above and _WORDLESS.fullmatch(line)))
        if line.strip() and not is_wordless:
            yield line
        above = line


def _times(timing: str) -> tuple[float, float] | None:
    before, _, after = _CONTROL.sub("", timing).partition("-->")
    # What follows the times are settings.
    times = stamp_seconds(before.strip()), stamp_seconds((after.split() or [""])[0])
    return None if times[0] is None or times[1] is None else (times[0], times[1])
