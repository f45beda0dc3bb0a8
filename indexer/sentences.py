"""From timed words to timed sentences."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from indexer.findings import Finding
from store.records import EvidenceKind, TimedWord
from store.timespan import TimeSpan

# A silence this long inside a transcript ends a sentence, whatever the punctuation says.
PAUSE_SECONDS = 0.8
MAX_SENTENCE_SECONDS = 15.0
_ENDINGS = (".", "!", "?", "…", "。", "\uff01", "\uff1f", "؟", "।")
_CLOSING_MARKS = "\"'”\u2019»)]」』"
# Written without spaces; a recogniser's words are then single characters or syllables.
UNSPACED_LANGUAGES = frozenset({"ja", "lo", "my", "th", "yue", "zh"})
_ABBREVIATIONS = frozenset({"mr.", "mrs.", "ms.", "dr.", "prof.", "st.", "vs."})
_INITIALS = re.compile(r"(?:[A-Z]\.)+")


@dataclass(frozen=True, slots=True)
class HeardWord:
    """One word as a recogniser heard it.

    Attributes:
        probability: In ``[0, 1]``.
    """

    word: TimedWord
    probability: float


def to_sentences(words: Sequence[HeardWord], source: str, language: str | None) -> list[Finding]:
    """Group words into sentences: at punctuation, at pauses, and where one would be too long.

    Args:
        words: In time order.
        source: Model and revision that heard them.
        language: ISO 639-1 code.

    Returns:
        Findings of kind ``speech`` in time order, whose confidence is the mean word probability.
    """
    sentences: list[list[HeardWord]] = []
    for heard in words:
        if sentences and not _ends_before(sentences[-1][-1], heard):
            sentences[-1].append(heard)
        else:
            sentences.append([heard])
    return [
        _finding(part, source, language) for sentence in sentences for part in _shortened(sentence)
    ]


def _ends_before(last: HeardWord, following: HeardWord) -> bool:
    if following.word.span.start_seconds - last.word.span.end_seconds >= PAUSE_SECONDS:
        return True
    text = last.word.text.strip().rstrip(_CLOSING_MARKS)
    return text.endswith(_ENDINGS) and not _is_abbreviation(text)


def _is_abbreviation(text: str) -> bool:
    return text.lower() in _ABBREVIATIONS or _INITIALS.fullmatch(text) is not None


def _shortened(sentence: Sequence[HeardWord]) -> list[Sequence[HeardWord]]:
    """Halve a sentence that is too long at its widest pause, the one nearest the middle."""
    start, end = sentence[0].word.span.start_seconds, sentence[-1].word.span.end_seconds
    if end - start <= MAX_SENTENCE_SECONDS or len(sentence) == 1:
        return [sentence]
    middle = (start + end) / 2

    def preference(position: int) -> tuple[float, float]:
        before, after = sentence[position - 1].word.span, sentence[position].word.span
        pause = after.start_seconds - before.end_seconds
        return round(pause, 2), -abs(after.start_seconds - middle)

    position = max(range(1, len(sentence)), key=preference)
    return [*_shortened(sentence[:position]), *_shortened(sentence[position:])]


def _finding(sentence: Sequence[HeardWord], source: str, language: str | None) -> Finding:
    words = tuple(heard.word for heard in sentence)
    return Finding(
        kind=EvidenceKind.SPEECH,
        span=TimeSpan(
            words[0].span.start_seconds,
            max(words[0].span.start_seconds, *(word.span.end_seconds for word in words)),
        ),
        text=("" if language in UNSPACED_LANGUAGES else " ").join(
            word.text.strip() for word in words
        ),
        source=source,
        confidence=sum(heard.probability for heard in sentence) / len(sentence),
        language=language,
        words=words,
    )
