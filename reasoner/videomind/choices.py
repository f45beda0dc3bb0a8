"""Which option of several an answer names."""

import re
from collections.abc import Sequence

_LETTERS = (
    re.compile(r"\A\W*([A-Za-z])(?:\s*[).:]|\s*(?:\n|\Z))"),
    re.compile(r"\b(?i:option|answer|choose)\b\W*(?:is\W+)?([A-Z])(?:[).:]|\s*(?:\n|\Z))"),
    re.compile(r"\(([A-Za-z])\)"),
)
"""A letter that opens the reply and ends there, one that is called the option, one in brackets."""
_ARTICLES = ("a", "an", "the")
_DENIALS = {"not", "no", "never", "neither", "nor", "t"}  # the last of "isn't"


def read_option(response: str, options: Sequence[str]) -> int | None:
    """Read which option is named: by its letter, else by its words.

    Args:
        response: What the answerer wrote, with or without how its turn began.
        options: Their texts, in the order of their letters.

    Returns:
        The option's number from 0; ``None`` where none is named, or more than one. The reference
        takes the first letter of any word ("Best" is B) and stops with an error at an empty
        response.

    Example:
        >>> options = ["a cat", "a dog"]
        >>> read_option("(b) a dog", options), read_option("A dog runs.", options)
        (1, 1)
    """
    for letters in _LETTERS:
        numbers = {ord(letter.upper()) - ord("A") for letter in letters.findall(response)}
        named = [number for number in numbers if number < len(options)]
        if len(named) == 1:
            return named[0]
    return _named_in_words(_words(response), [_words(option) for option in options])


def _named_in_words(said: Sequence[str], options: Sequence[Sequence[str]]) -> int | None:
    same = [number for number, words in enumerate(options) if words == said]
    named = same or [number for number, words in enumerate(options) if _holds(said, words)]
    return named[0] if len(named) == 1 else None


def _holds(said: Sequence[str], words: Sequence[str]) -> bool:
    """Say whether all the words stand there in a row, and nothing before them denies them."""
    starts = range(len(said) - len(words) + 1 if words else 0)
    first = next((n for n in starts if said[n : n + len(words)] == words), None)
    return first is not None and _DENIALS.isdisjoint(said[:first])


def _words(text: str) -> list[str]:
    """Return the words without the article that opens them."""
    words = re.findall(r"\w+", text.casefold())
    return words[1:] if words[:1] and words[0] in _ARTICLES else words
