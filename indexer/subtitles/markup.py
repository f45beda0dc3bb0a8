"""What is left of a cue's text without tags, entities and control characters."""

import html
import re

# Stands around the name of who speaks, at the beginning of a line.
VOICE_MARK = "\x01"
_TAG = re.compile(r"<([^<>]*)>")
_TAG_NAME = re.compile(r"/?[a-zA-Z]|\d[\d:.]*$")
_VOICE = re.compile(r"v(?:\.\S*)?\s")
_OVERRIDE = re.compile(r"\{\\[^{}]*\}")
_ENTITY = re.compile(r"&#?\w{1,32};")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\u200e\u200f\u202a-\u202e]")
# A note in UTF-8 that was read as cp1252 and saved.
_SPOILT_NOTES = {"â™ª": "♪", "â™«": "♫"}


def plain_lines(text: str) -> list[str]:
    """Split text into lines without markup; a voice tag becomes a line of its own marks.

    Example:
        >>> plain_lines("<i>3 < 4</i> &amp; so on")
        ['3 < 4 & so on']
    """
    text = _CONTROL.sub(" ", text)
    text = _TAG.sub(_without_tag, text)
    text = _OVERRIDE.sub("", text).replace(r"\N", "\n").replace(r"\h", " ")
    text = _ENTITY.sub(lambda entity: _CONTROL.sub(" ", html.unescape(entity[0])), text)
    for spoilt, note in _SPOILT_NOTES.items():
        text = text.replace(spoilt, note)
    return [line for line in map(str.strip, text.split("\n")) if line]


def _without_tag(tag: re.Match[str]) -> str:
    inside = tag[1]
    if _VOICE.match(inside):
        name = " ".join(inside.split()[1:])
        return f"\n{VOICE_MARK}{name}{VOICE_MARK}"
    return "" if _TAG_NAME.match(inside) else tag[0]
