"""Who speaks, as subtitles write it: ``JON:``, ``>>``, ``[Jon]``, a voice tag.

A bracket may hold a name or a sound, and only the rest of its file tells which: who is named
before a colon elsewhere is a name, and a bracket with a capital is one where sounds have none.

Source: the guides for timed text of the BBC (names in capitals before a colon) and of Netflix
(names in brackets, in small letters only where nobody knows the name).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from indexer.media.languages import named_language
from indexer.subtitles.cues import Cue
from indexer.subtitles.markup import VOICE_MARK, plain_lines

DASH = re.compile(r"[-\u2010-\u2015]\s+|[-\u2010-\u2015](?=\w)")
# What may be a name in capitals: `JON:`, `>> DR. O'NEIL:`, `MAN #1 (on phone):`.
_CAPITALS = r"[^\W\d_a-z][^\Wa-z]*(?:[ .'\u2019&#/-]+[^\Wa-z]+){0,5}\.?"
_ASIDE = r"(?: ?[(\[]([^()\[\]\n]{1,40})[)\]])?"
_NAME = re.compile(rf"(?:>>+\s*)?({_CAPITALS}){_ASIDE}:(?:\s+(?=\S)|$)")
_BRACKETED = re.compile(r"(?:>>+\s*)?[\[(]([^\[\]()\n]{1,40}?)(:?)[\])](:?)\s*")
_NEW_SPEAKER = re.compile(r">>+\s*")
_BRACKET = re.compile(r"\[([^\[\]]*)\]|^[(]([^()]*)[)]", re.M)
_VOICE = re.compile(rf"{VOICE_MARK}([^{VOICE_MARK}]*){VOICE_MARK}?")
_SENTENCE_END = re.compile(r"(?<=[.!?\u2026\"'\u201d\u2019)\]\u266a\u2010-\u2015-])\s+")
# How somebody is heard, which is no part of the name and no sound.
_DIRECTION = re.compile(
    r"(?:v\.? ?o|o\.? ?s|o\.? ?c|cont'?d|off[ -]?(?:screen|camera)?|voice-?over"
    r"|(?:on|over|in|through|via|from|to)\b.*)\.?",
    re.I,
)
_NAME_AND_DIRECTION = re.compile(rf"(.+?),? (?:{_DIRECTION.pattern})", re.I)
_ROLE = re.compile(
    r"(?:(?:old|older|young|younger|little|first|second|third|other|male|female) )?"
    r"(?:all|announcer|both|boy|child|girl|man|narrator|newscaster|operator|reporter|woman)"
    r"(?: #?\d+)?",
    re.I,
)
_JOINING_WORDS = frozenset({"and", "de", "of", "the", "van", "von"})
_MAX_NAME_WORDS = 4
# What stands in capitals before a colon and is nobody.
_LABELS = frozenset(
    {"ADDRESS", "AGE", "APPLAUSE", "ATTENTION", "CAUTION", "CHAPTER", "CITY", "DANGER", "DATE"}
    | {"EMAIL", "EPISODE", "ETA", "FAX", "FROM", "LAUGHTER", "LOCATION", "MUSIC", "NAME", "NOTE"}
    | {"NOTICE", "PART", "PHONE", "PLACE", "PRICE", "PS", "RE", "SCENE", "SCORE", "SILENCE"}
    | {"SONG", "SOURCE", "STATUS", "STEP", "SUBJECT", "SUBTITLES", "TEL", "TIME", "TITLE", "TO"}
    | {"TRANSLATION", "URL", "WARNING", "WEBSITE"}
)


@dataclass(frozen=True, slots=True)
class Cast:
    """What a whole file tells of those who speak in it.

    Attributes:
        names: Those that somebody is given elsewhere, folded.
        sounds: What stands in brackets without words beside it, folded.
        has_capitals: Whether a bracket with a capital holds a name, since most others have none.
    """

    names: frozenset[str] = frozenset()
    sounds: frozenset[str] = frozenset()
    has_capitals: bool = False


NOBODY = Cast()


@dataclass(frozen=True, slots=True)
class Opening:
    """The beginning of what somebody says.

    Attributes:
        num_characters: Of the line before the words.
        name: ``None`` where it is only said that somebody else begins.
        aside: How it is said, in brackets; may be empty.
    """

    num_characters: int
    name: str | None
    aside: str = ""


def cast_of(cues: Iterable[Cue]) -> Cast:
    """Read the names that a file uses, and how it writes its brackets."""
    names: set[str] = set()
    sounds: set[str] = set()
    num_small = num_capital = 0
    for cue in cues:
        lines = plain_lines(cue.text)
        found = [one for line in lines for _, one in parts(line, NOBODY)]
        names.update((one.name or "").casefold() for one in found if one)
        names.add((cue.speaker or "").strip().casefold())
        text = "\n".join(lines)
        held = [" ".join((one[1] or one[2] or "").split()) for one in _BRACKET.finditer(text)]
        is_alone = not any(map(str.isalnum, _BRACKET.sub("", text)))
        sounds.update(one.casefold() for one in held if is_alone)
        num_small += sum(one[:1].islower() for one in held)
        num_capital += sum(one[:1].isupper() and (is_alone or not _is_proper(one)) for one in held)
    return Cast(frozenset(names - {""}), frozenset(sounds), num_small > num_capital)


def parts(line: str, cast: Cast) -> Iterator[tuple[str, Opening | None]]:
    """Cut a line before whoever begins in the middle of it, which is behind a sentence.

    Args:
        line: One of those that ``plain_lines`` gives.
        cast: Of the file.

    Yields:
        What one says, with its opening; the first part may have none.
    """
    start, found = 0, opening(line, cast)
    for end in _SENTENCE_END.finditer(line, found.num_characters if found else 0):
        following = opening(line[end.end() :], cast)
        if following is not None:
            yield line[start : end.start()], found
            start, found = end.end(), following
    yield line[start:], found


def opening(line: str, cast: Cast) -> Opening | None:
    """Find who begins to speak where a line begins; ``None`` where nobody does."""
    if voice := _VOICE.match(line):
        return Opening(voice.end(), voice[1])
    dash = DASH.match(line)
    start = dash.end() if dash else 0
    match = _NAME.match(line, start)
    # Scripts without capitals say a name in brackets only: `男: ` also begins what someone says.
    if match and match[1].isupper() and not _is_label(match[1]):
        aside = match[2] or ""
        is_sound = aside and not _DIRECTION.fullmatch(aside)
        return Opening(match.end(), match[1].strip(), f"[{aside}]" if is_sound else "")
    match = _BRACKETED.match(line, start)
    name = _bracketed_name(match, cast) if match else None
    if match and name:
        return Opening(match.end(), name)
    if match := _NEW_SPEAKER.match(line, start):
        return Opening(match.end(), None)
    return None


def _bracketed_name(match: re.Match[str], cast: Cast) -> str | None:
    held = match[1].strip()
    found = _NAME_AND_DIRECTION.fullmatch(held)
    name = found[1] if found else held
    if _is_label(name):
        return None
    is_capital = cast.has_capitals and name.casefold() not in cast.sounds and _is_proper(name)
    has_colon = match[2] or match[3]
    is_name = has_colon or is_capital or name.casefold() in cast.names or _ROLE.fullmatch(name)
    return name if is_name else None


def _is_proper(held: str) -> bool:
    """Whether what a bracket holds is written as a name, with who is heard how left out."""
    found = _NAME_AND_DIRECTION.fullmatch(held)
    words = (found[1] if found else held).split()
    return (
        0 < len(words) <= _MAX_NAME_WORDS
        and words[0][0].isupper()
        and all(word[0].isupper() or word in _JOINING_WORDS for word in words)
        and not any(map(named_language, words))
        and not _DIRECTION.fullmatch(held)
    )


def _is_label(name: str) -> bool:
    return re.sub(r"[\d#.]", "", name).strip().upper() in _LABELS
