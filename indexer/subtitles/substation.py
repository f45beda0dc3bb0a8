"""SubStation Alpha (ASS, SSA): its files, its tracks, and the words in its override codes.

pysubs2 reads the lines of a file, one at a time: given the whole file it gives up all of it over
one time that cannot be read.
"""

import re
import warnings
from collections import Counter

import pysubs2
from pysubs2 import SSAEvent, SSAFile

from indexer.subtitles.cues import MAX_CUES, NO_TIMES, TOO_MANY, Cue, CueList

_MILLISECONDS_PER_SECOND = 1000
_MAX_LINE_CHARACTERS = 100_000
_OVERRIDE = re.compile(r"\{([^{}]*)\}")
# \p1 and more begins a drawing, \p0 ends it; \pos and \pbo are something else.
_DRAWING = re.compile(r"\\p(\d+)")
# A Matroska packet: order, layer, style, name, three margins, effect, text.
_NUM_PACKET_FIELDS, _PACKET_NAME = 9, 3


def parse_substation(text: str) -> CueList:
    """Read the dialogue of an ASS or SSA file; comments, styles, fonts and drawings are no text."""
    form = "ass" if re.search(r"\[v4\+ styles\]|scripttype:\s*v4\.00\+", text, re.I) else "ssa"
    cues: list[Cue] = []
    faults: Counter[str] = Counter()
    with warnings.catch_warnings():
        # About margins and layers that are no numbers, which nobody needs here.
        warnings.simplefilter("ignore")
        for line in re.split(r"[\r\n]+", text):
            if not line.lstrip().startswith("Dialogue:"):
                continue
            event = _event(line, form)
            if event is None:
                faults[NO_TIMES] += 1
            elif len(cues) == MAX_CUES:
                faults[TOO_MANY] += 1
            else:
                cues.append(_cue(event))
    return CueList(tuple(cues), faults)


def packet_text(payload: str) -> tuple[str, str | None]:
    """Split a packet of an embedded track into its words and who says them."""
    fields = payload.split(",", _NUM_PACKET_FIELDS - 1)
    if len(fields) < _NUM_PACKET_FIELDS:
        return "", None
    return _words(fields[-1]), fields[_PACKET_NAME].strip() or None


def _event(line: str, form: str) -> SSAEvent | None:
    if len(line) > _MAX_LINE_CHARACTERS:
        return None
    try:
        events = SSAFile.from_string(f"[Events]\n{line}", format_=form).events
    except (ValueError, TypeError, pysubs2.Pysubs2Error):
        return None
    # Where the line lacks its times, the library's own stand in for them.
    return events[0] if events and line.count(",") >= _NUM_PACKET_FIELDS else None


def _cue(event: SSAEvent) -> Cue:
    start, end = (time / _MILLISECONDS_PER_SECOND for time in (event.start, event.end))
    return Cue(start, end, _words(event.text), event.name.strip() or None)


def _words(text: str) -> str:
    """Drop override codes and what they draw; line breaks become line breaks."""
    words: list[str] = []
    is_drawing = False
    for place, part in enumerate(_OVERRIDE.split(text)):
        if place % 2:
            switches = _DRAWING.findall(part)
            is_drawing = int(switches[-1][:9]) > 0 if switches else is_drawing
        elif not is_drawing:
            words.append(part)
    joined = "".join(words)
    return joined.replace(r"\N", "\n").replace(r"\n", "\n").replace(r"\h", " ")
