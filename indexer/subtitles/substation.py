"""SubStation Alpha (ASS, SSA): its files, its tracks, and the words in its override codes.

The lines are split here, as their section's ``Format:`` line says. pysubs2 1.8 reads whole files
only: it ignores that line, gives up all of a file over one time that cannot be read, and warns of
margins that nobody needs here.
"""

import re
from collections import Counter
from collections.abc import Sequence

from indexer.subtitles.cues import MAX_CUES, NO_TIMES, TOO_MANY, Cue, CueList
from indexer.subtitles.stamps import stamp_seconds

_LINE = re.compile(r"\s*(Format|Dialogue):(.*)", re.S)
# Where no line says the order. The first field is called otherwise in SSA; the words come last.
_USUAL_FIELDS = (
    *("layer", "start", "end", "style", "name"),
    *("marginl", "marginr", "marginv", "effect", "text"),
)
_NEEDED_FIELDS = frozenset({"start", "end", "text"})
_OVERRIDE = re.compile(r"\{([^{}]*)\}")
# \p1 and more begins a drawing, \p0 ends it; \pos and \pbo are something else.
_DRAWING = re.compile(r"\\p(\d+)")
# A Matroska packet: order, layer, style, name, three margins, effect, text.
_NUM_PACKET_FIELDS, _PACKET_NAME = 9, 3


def parse_substation(text: str) -> CueList:
    """Read the dialogue of an ASS or SSA file; comments, styles, fonts and drawings are no text."""
    cues: list[Cue] = []
    faults: Counter[str] = Counter()
    fields: Sequence[str] = _USUAL_FIELDS
    for line in re.split(r"[\r\n]+", text):
        match = _LINE.match(line)
        if match is None:
            continue
        if match[1] == "Format":
            fields = _fields(match[2]) or fields
        elif len(cues) == MAX_CUES:
            faults[TOO_MANY] += 1
        elif cue := _cue(match[2], fields):
            cues.append(cue)
        else:
            faults[NO_TIMES] += 1
    return CueList(tuple(cues), faults)


def packet_text(payload: str) -> tuple[str, str | None]:
    """Split a packet of an embedded track into its words and who says them."""
    fields = payload.split(",", _NUM_PACKET_FIELDS - 1)
    if len(fields) < _NUM_PACKET_FIELDS:
        return "", None
    return _words(fields[-1]), fields[_PACKET_NAME].strip() or None


def _fields(listed: str) -> list[str] | None:
    """Read the order of the fields; ``None`` where it is that of the styles."""
    fields = [field.strip().lower() for field in listed.split(",")]
    return fields if _NEEDED_FIELDS.issubset(fields) else None


def _cue(listed: str, fields: Sequence[str]) -> Cue | None:
    values = listed.split(",", len(fields) - 1)
    if len(values) < len(fields):
        return None
    by_field = dict(zip(fields, values, strict=True))
    start = stamp_seconds(by_field["start"].strip())
    end = stamp_seconds(by_field["end"].strip())
    if start is None or end is None:
        return None
    speaker = by_field.get("name", by_field.get("actor", "")).strip()
    return Cue(start, end, _words(by_field["text"]), speaker or None)


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
