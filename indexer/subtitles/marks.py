"""What subtitles for people who do not hear say beside the words: sounds, music, who speaks.

Source: the BBC's and Netflix's guides for timed text, whose marks most files follow:
``[door slams]``, ``(DOOR SLAMS)``, ``♪ words sung ♪``, ``# words sung #``.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby, pairwise

from indexer.subtitles.markup import VOICE_MARK, plain_lines
from indexer.subtitles.speakers import DASH, NOBODY, Cast, Opening, parts
from store.records import EvidenceKind

MUSIC_WITHOUT_WORDS = "music"
# Square brackets hold a sound wherever they stand, round ones where they are all there is, or all
# in capitals; otherwise round ones are an aside.
_SOUND = re.compile(r"\[([^\[\]]*)\]|【([^【】]*)】")
_ROUND = re.compile(r"[(\uff08]([^()\uff08\uff09]*)[)\uff09]")
_NOTES = re.compile(r"[♪♫♬♩]+")
# The end of a song that the cue before began.
_CLOSING_NOTE = re.compile(r"[^♪♫♬♩]+[♪♫♬♩]+")


@dataclass(frozen=True, slots=True)
class Utterance:
    """One thing that a cue says.

    Attributes:
        part: Of the cue's time, from and to; where several speak, each has as much as the words
            take. A sound has all of it.
    """

    kind: EvidenceKind
    text: str
    speaker: str | None = None
    part: tuple[float, float] = (0.0, 1.0)


def utterances(text: str, speaker: str | None = None, cast: Cast = NOBODY) -> list[Utterance]:
    """Tell words from sounds and songs, and one speaker from the next, in reading order.

    Args:
        text: Of one cue, with its markup.
        speaker: As stated beside the text; who the text itself names goes before.
        cast: Of the file that the cue is from.

    Example:
        >>> [(said.kind.value, said.text) for said in utterances("[sighs] So be it.")]
        [('sound', 'sighs'), ('subtitle', 'So be it.')]
    """
    turns = [
        [one for one in _sung_and_said(said, _tidy(name or speaker or "") or None) if _says(one)]
        for name, said in _turns(plain_lines(text), cast)
    ]
    return _in_turn(turns)


def _says(said: Utterance) -> bool:
    return any(map(str.isalnum, said.text))


def _in_turn(turns: Sequence[Sequence[Utterance]]) -> list[Utterance]:
    """Share a cue's time among those who speak in it, by the length of what they say."""
    ends = [0, *accumulate(sum(map(_num_spoken, turn)) for turn in turns)]
    whole = ends[-1] or 1
    return [
        replace(said, part=(start / whole, end / whole)) if _num_spoken(said) else said
        for turn, (start, end) in zip(turns, pairwise(ends), strict=True)
        for said in turn
    ]


def _num_spoken(said: Utterance) -> int:
    return 0 if said.kind is EvidenceKind.SOUND else len(said.text)


def _turns(lines: Iterable[str], cast: Cast) -> Iterator[tuple[str | None, list[str]]]:
    """Yield the lines of one speaker after the other, with the name where it is written."""
    found = [part for line in lines for part in parts(line, cast)]
    if found and _is_name_alone(*found[-1]):
        found[-1] = found[-1][0], None
    name: str | None = None
    said: list[str] = []
    for line, opening in found:
        dash = DASH.match(line)
        # A dash is a new speaker, or in many films only a new line of the same one; behind a song
        # it is someone who does not sing.
        if opening or (dash and any(map(_NOTES.search, said))):
            yield name, said
            name, said = opening.name if opening else None, []
        num_characters = opening.num_characters if opening else dash.end() if dash else 0
        words = line[num_characters:].replace(VOICE_MARK, " ")
        said.append(f"{opening.aside} {words}" if opening and opening.aside else words)
    yield name, said


def _is_name_alone(line: str, opening: Opening | None) -> bool:
    """Whether nothing follows a name that is among the words, so that it may be none."""
    if opening is None or opening.name is None or line.startswith(VOICE_MARK):
        return False
    return opening.num_characters == len(line)


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
