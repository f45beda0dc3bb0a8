"""What is counted, and how often a line holds it: by words, their inflections and whole phrases.

Words alone, where support for an answer goes by meaning too: to MiniLM a Thursday is as like a
Friday (0.83) as a galaxy is like galaxies (0.78), so that a count by meaning counts other things.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reasoner.limits import NUMBER_WORDS
from reasoner.pocket.wording import stem
from retriever.quoting import quoted
from retriever.words import STOP_WORDS, split_words

_IRREGULAR = {
    **{"women": "woman", "men": "man", "children": "child", "people": "person", "feet": "foot"},
    **{"mice": "mouse", "teeth": "tooth", "geese": "goose", "wives": "wife", "knives": "knife"},
    **{"wolves": "wolf", "leaves": "leaf", "lives": "life", "halves": "half", "shelves": "shelf"},
}
_SINGLE_QUOTED = re.compile(r"(?<!\w)['\u2018](.+?)['\u2019](?!\w)")
_DOUBLE = '"\u201c\u201d\u201e\u00ab\u00bb'
_NAMED_WORD = re.compile(r"^(?:words?|phrase|term|name|line|sentence|expression)\s+(?=\S)", re.I)
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing to count.

    Attributes:
        words: As asked, to be said in the answer.
        phrases: Words in a row, each of which a line must hold.
        keys: Of words that a line must hold somewhere, whatever their inflection.
        is_quoted: The words themselves were asked for, and not a thing that they name.
    """

    words: str
    phrases: tuple[tuple[str, ...], ...]
    keys: frozenset[str]
    is_quoted: bool

    def times_in(self, text: str) -> int:
        """Count how often a text holds it; once at most, but for phrases."""
        told = split_words(text)
        if not self.keys <= {word_key(word) for word in told}:
            return 0
        if not self.phrases:
            return int(bool(self.keys))
        return min(_times(phrase, told) for phrase in self.phrases)


def read_subject(words: str) -> Subject:
    """Read what is counted.

    Args:
        words: What stands in quotation marks, or behind "the word", is a phrase.

    Example:
        >>> read_subject("galaxies").times_in("One galaxy, and another galaxy")
        1
        >>> read_subject('"look again"').times_in("Look again. Look again!")
        2
    """
    marked = _SINGLE_QUOTED.sub(r'"\1"', words)
    found = [split_words(phrase) for phrase in quoted(marked)]
    rest = marked
    for phrase in quoted(marked):
        rest = rest.replace(phrase, " ", 1)
    named = _NAMED_WORD.match(rest)
    rest = _NAMED_WORD.sub("", rest.strip())
    if named and not found:
        found, rest = [split_words(rest)], ""
    elif found:
        rest = re.sub(rf"\b(?:words?|phrase|term|name|line|sentence)\b|[{_DOUBLE}]", " ", rest)
    phrases = tuple(tuple(phrase) for phrase in found if phrase)
    keys = frozenset(word_key(word) for word in split_words(rest) if word not in STOP_WORDS)
    return Subject(words.strip(), phrases, keys, bool(phrases))


def word_key(word: str) -> str:
    """Cut a word to what its inflections share, and write small numbers in digits.

    Example:
        >>> [word_key(word) for word in ("galaxies", "galaxy", "running", "runs", "women", "two")]
        ['galaxy', 'galaxy', 'run', 'run', 'woman', '2']
    """
    base = stem(_IRREGULAR.get(word, str(NUMBER_WORDS.get(word, word))))
    if len(base) > _SHORTEST and base[-1] == base[-2]:
        base = base[:-1]
    return base[:-1] + "y" if len(base) > _SHORTEST and base.endswith("i") else base


def _times(phrase: Sequence[str], told: Sequence[str]) -> int:
    """Count a phrase in a row of words; where two overlap, the first counts."""
    count = place = 0
    while place <= len(told) - len(phrase):
        is_here = tuple(told[place : place + len(phrase)]) == tuple(phrase)
        count += is_here
        place += len(phrase) if is_here else 1
    return count
