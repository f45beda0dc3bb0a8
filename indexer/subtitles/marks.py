"""What subtitles for people who do not hear say beside the words: sounds, music, who speaks.

Source: the BBC's and Netflix's guides for timed text, whose marks most files follow:
``[door slams]``, ``(DOOR SLAMS)``, ``♪ words sung ♪``, ``# words sung #``, ``JON:``, ``>>``.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from indexer.subtitles.markup import VOICE_MARK, plain_lines
from store.records import EvidenceKind

MUSIC_WITHOUT_WORDS = "music"
# What may be a name in capitals, as SDH writes it: `JON:`, `>> DR. O'NEIL:`.
_NAME = re.compile(r"(?:>>+\s*)?([^\W\d_a-z][^\Wa-z]*(?:[ .'-]+[^\Wa-z]+){0,3}\.?):\s+(?=\S)")
_BRACKETED_NAME = re.compile(r"[\[(]([^\[\]()\n]{1,40})[\])]:\s*")
_NEW_SPEAKER = re.compile(r">>+\s*")
_DASH = re.compile(r"[-\u2010-\u2015]\s+|[-\u2010-\u2015](?=\w)")
# Square brackets hold a sound wherever they stand, round ones where they are all there is, or all
# in capitals; otherwise round ones are an aside.
_SOUND = re.compile(r"\[([^\[\]]*)\]|【([^【】]*)】")
_ROUND = re.compile(r"[(\uff08]([^()\uff08\uff09]*)[)\uff09]")
_NOTES = re.compile(r"[♪♫♬♩]+")
# The end of a song that the cue before began.
_CLOSING_NOTE = re.compile(r"[^♪♫♬♩]+[♪♫♬♩]+")


@dataclass(frozen=True, slots=True)
class Utterance:
    """One thing that a cue says."""

    kind: EvidenceKind
    text: str
    speaker: str | None = None


def utterances(text: str, speaker: str | None = None) -> list[Utterance]:
    """Tell words from sounds and songs, and one speaker from the next, in reading order.

    Args:
        text: Of one cue, with its markup.
        speaker: As stated beside the text; who the text itself names goes before.

    Example:
        >>> [(said.kind.value, said.text) for said in utterances("[sighs] So be it.")]
        [('sound', 'sighs'), ('subtitle', 'So be it.')]
    """
    lines = plain_lines(text)
    found: list[Utterance] = []
    for name, said in _turns(lines):
        found += _sung_and_said(said, _tidy(name or speaker or "") or None)
    return [said for said in found if any(map(str.isalnum, said.text))]


def _turns(lines: Iterable[str]) -> Iterator[tuple[str | None, list[str]]]:
    """Yield the lines of one speaker after the other, with the name where it is written."""
    name: str | None = None
    said: list[str] = []
    for line in lines:
        is_new, new_name, rest = _speaker(line)
        # A dash is a new speaker, or in many films only a new line of the same one; behind a song
        # it is someone who does not sing.
        if is_new or (_DASH.match(line) and any(map(_NOTES.search, said))):
            yield name, said
            name, said = new_name, []
        said.append(rest)
    yield name, said


def _speaker(line: str) -> tuple[bool, str | None, str]:
    """Split off who speaks: whether somebody else begins, the name if there is one, the rest."""
    if line.startswith(VOICE_MARK):
        _, name, rest = line.split(VOICE_MARK, 2)
        return True, name, rest
    line = line.replace(VOICE_MARK, " ")
    dash = _DASH.match(line)
    line = line[dash.end() :] if dash else line
    match = _NAME.match(line)
    # Scripts without capitals say a name in brackets only: `男: ` also begins what someone says.
    if match is None or not match[1].isupper():
        match = _BRACKETED_NAME.match(line)
    if match:
        return True, match[1].strip(), line[match.end() :]
    if match := _NEW_SPEAKER.match(line):
        return True, None, line[match.end() :]
    return False, None, line


def _sung_and_said(lines: Sequence[str], speaker: str | None) -> list[Utterance]:
    """Tell songs from words; neighbouring lines of either are one utterance."""
    text = "\n".join(lines).strip()
    hashed = _between_hashes(text)
    if hashed is not None:
        return _song([hashed], speaker)
    if _CLOSING_NOTE.fullmatch(text):
        return _song([text], speaker)
    found: list[Utterance] = []
    for is_sung, pieces in groupby(_pieces(lines), key=lambda piece: piece[0]):
        words = [words for _, words in pieces]
        found += _song(words, speaker) if is_sung else _sounds_and_words(words, speaker)
    return found


def _pieces(lines: Sequence[str]) -> Iterator[tuple[bool, str]]:
    """Yield what stands between notes, and whether it is sung.

    A note that opens a song is closed by the next one, be it some lines below. A line that begins
    with a note opens a song anew, and a line of notes only opens none.
    """
    is_open = False
    for line in lines:
        hashed = _between_hashes(line)
        if hashed is not None:
            yield True, hashed
            continue
        before, *parts = _NOTES.split(line)
        is_open = is_open and bool(before.strip())
        if before.strip():
            yield is_open, before
        for part in parts:
            is_open = not is_open
            if part.strip() or is_open:
                yield is_open, part
        is_open = is_open and any(map(str.strip, [before, *parts]))


def _between_hashes(text: str) -> str | None:
    """Return what stands in ``# ... #``; a hashtag is no song."""
    if len(text) < 2 or not (text.startswith("#") and text.endswith("#")):
        return None
    inside = text[1:-1]
    return inside if not inside.strip("# ") or re.search(r"\s", inside) else None


def _song(words: Sequence[str], speaker: str | None) -> list[Utterance]:
    """Return the words that are sung, or that there is music."""
    text = _tidy(_NOTES.sub(" ", " ".join(words))).strip("[]()# ")
    text = text if any(map(str.isalnum, text)) else MUSIC_WITHOUT_WORDS
    return [Utterance(EvidenceKind.MUSIC, text, speaker)]


def _sounds_and_words(lines: Sequence[str], speaker: str | None) -> list[Utterance]:
    text = "\n".join(lines).strip()
    round_one = _ROUND.fullmatch(text)
    if round_one:
        return [Utterance(EvidenceKind.SOUND, _tidy(round_one[1]))]
    sounds: list[str] = []

    def take(found: re.Match[str]) -> str:
        sounds.append(found[found.lastindex or 0])
        return " "

    def take_capitals(found: re.Match[str]) -> str:
        return take(found) if found[1].isupper() else found[0]

    words: list[str] = []
    for line in _ROUND.sub(take_capitals, _SOUND.sub(take, text)).split("\n"):
        whole = _ROUND.fullmatch(line.strip())
        words.append(take(whole) if whole else line)
    found = [Utterance(EvidenceKind.SOUND, _tidy(sound)) for sound in sounds]
    return [*found, Utterance(EvidenceKind.SUBTITLE, _tidy(" ".join(words)), speaker)]


def _tidy(text: str) -> str:
    return " ".join(text.split())
