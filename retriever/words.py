"""What a person typed, made into terms for lexical search and clean text for an encoder.

Apart because it is where strange input arrives: whatever characters come in, words go out.
"""

import unicodedata
from dataclasses import dataclass

from retriever.options import SearchOptions
from retriever.quoting import quoted
from store.errors import QueryError

_STOP_TEXT = """
a about all also am an and any are as at be been but by can could did do does for from had has
have he her here him his how i if in into is it its just me my no not of on or our she should so
some than that the their them then there these they this those to too us was we were what when
where which while who whom whose why will with would you your
"""
# Words that stand in nearly every sentence and so hardly tell clips apart.
STOP_WORDS = frozenset(_STOP_TEXT.split())
# What people type into a search box before they come to the point.
ASKING_WORDS = frozenset(
    ("clip", "find", "footage", "moment", "part", "scene", "show", "shot", "someone", "video")
)

# Control, format and lone surrogate characters; what Python does not know yet may be a new emoji.
_INVISIBLE = ("Cc", "Cf", "Cs")
_APOSTROPHES = "'\u2019\u02bc"  # typewriter, typographic and modifier-letter


@dataclass(frozen=True, slots=True)
class QueryWords:
    """One query, read.

    Attributes:
        text: One line without control characters: what an encoder gets.
        terms: Distinct lower-case words in the order typed; empty when only signs were typed.
        phrases: What stood in quotation marks, lower case, words parted by one space.
    """

    text: str
    terms: tuple[str, ...]
    phrases: tuple[str, ...] = ()


def read_query(query: str, options: SearchOptions | None = None) -> QueryWords:
    """Read what was typed.

    Raises:
        QueryError: Nothing visible was typed, or more than ``options.max_query_characters``.

    Example:
        >>> read_query('Where does she say "we meet at noon"?').terms
        ('say', 'meet', 'noon')
    """
    limits = options or SearchOptions()
    if len(query) > limits.max_query_characters:
        raise QueryError(
            f"The query has {len(query)} characters and {limits.max_query_characters} is the most; "
            "shorten it to a sentence or a few words."
        )
    text = _one_line(query)
    if not text:
        raise QueryError("The query is empty; type a few words that say what to look for.")
    phrases = tuple(phrase for words in quoted(text) if (phrase := " ".join(split_words(words))))
    return QueryWords(text, tuple(_telling(split_words(text))), phrases)


def split_words(text: str) -> list[str]:
    """Split text into lower-case words: letters, digits and their marks, in any script.

    An apostrophe inside a word joins it ("don't"); an English possessive is dropped.
    """
    lower = text.lower()
    signs = [char if _is_word_character(char) else " " for char in lower]
    for index in range(1, len(lower) - 1):
        if lower[index] in _APOSTROPHES and " " not in (signs[index - 1], signs[index + 1]):
            signs[index] = "'"
    return [word.removesuffix("'s") for word in "".join(signs).split()]


def _is_word_character(char: str) -> bool:
    return unicodedata.category(char)[0] in "LNM"


def _one_line(query: str) -> str:
    visible = (
        " " if unicodedata.category(char) in _INVISIBLE else char
        for char in unicodedata.normalize("NFC", query)
    )
    return " ".join("".join(visible).split())


def _telling(words: list[str]) -> list[str]:
    """Drop words that tell little, unless nothing would be left."""
    distinct = list(dict.fromkeys(words))
    content = [word for word in distinct if word not in STOP_WORDS]
    return [word for word in content if word not in ASKING_WORDS] or content or distinct
