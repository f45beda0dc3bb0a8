"""The query language: what a person types into a search box, read.

    dog "we meet at noon" -beach series:"The Show" before:S02E05

1. A *filter* is the name of a field (``retriever.filters.FIELDS``, in any case), a colon and a
   value, with no space between them, where a word begins. A value with spaces stands in quotation
   marks.
2. A *phrase* stands in quotation marks; the one that opens follows no letter or digit.
3. A minus where a word begins, right before a letter, digit or quotation mark, *excludes* that word
   or phrase.
4. Everything else is plain text: ``12:30``, ``re: zero``, ``e-mail``, ``12" pipe``, ``a - b``,
   ``https://...``, a word and a colon that name no field, and a field's name with a space, or with
   the ``//`` of an address, behind its colon.

So what does not read as syntax is never an error; what does, and is wrong, is one that names its
column.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from retriever.filters import FIELDS, Filter, read_filter
from retriever.quoting import CLOSING, opens_at, quotation_at
from store.errors import QueryError, QuerySyntaxError

# More than anyone types; each costs the database a condition.
MOST_PARTS = 32
_LONGEST_FIELD = max(map(len, FIELDS))


@dataclass(frozen=True, slots=True)
class WrittenQuery:
    """A query that was read.

    Attributes:
        text: What ranks: the words and the phrases, these with their marks. A query without syntax
            is its own text, unchanged.
        phrases: Each must stand in the evidence.
        without: Words and phrases that must not.
        filters: In the order written.
    """

    text: str
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """One part of a query, up to ``end``: a filter, a phrase, an exclusion, or plain text."""

    end: int
    text: str = ""
    filter: Filter | None = None
    phrase: str | None = None
    excluded: str | None = None


def parse_query(query: str) -> WrittenQuery:
    """Read a query.

    Raises:
        QuerySyntaxError: A quotation mark is not closed, nothing stands in one, a field does not
            know its value, a minus stands before a filter, or there are more than ``MOST_PARTS``.

    Example:
        >>> parse_query('red "front door" -car after:1:15').without
        ('car',)
    """
    parts = list(_parts(query))
    phrases = tuple(part.phrase for part in parts if part.phrase is not None)
    without = tuple(part.excluded for part in parts if part.excluded is not None)
    filters = tuple(part.filter for part in parts if part.filter is not None)
    text = "".join(part.text for part in parts)
    is_shortened = bool(without or filters)
    return WrittenQuery(" ".join(text.split()) if is_shortened else text, phrases, without, filters)


def _parts(query: str) -> Iterator[_Part]:
    place = num_parts = 0
    while place < len(query):
        part = _syntax_at(query, place)
        if part is None:
            part = _text_at(query, place)
        else:
            num_parts += 1
            if num_parts > MOST_PARTS:
                message = (
                    f"{MOST_PARTS} filters, phrases and exclusions are the most; leave some out"
                )
                raise _error(message, query, place)
        yield part
        place = part.end


def _syntax_at(query: str, place: int) -> _Part | None:
    if opens_at(query, place):
        phrase, end = _phrase_at(query, place)
        return _Part(end, query[place:end], phrase=phrase)
    if not _begins_word(query, place):
        return None
    if query[place] == "-":
        return _exclusion_at(query, place)
    field = _field_at(query, place)
    return None if field is None else _filter_at(query, place, field)


def _text_at(query: str, place: int) -> _Part:
    end = place + 1
    while end < len(query) and not _begins_word(query, end) and not opens_at(query, end):
        end += 1
    return _Part(end, query[place:end])


def _begins_word(query: str, place: int) -> bool:
    return place == 0 or query[place - 1].isspace()


def _exclusion_at(query: str, place: int) -> _Part | None:
    start = place + 1
    if start == len(query) or not (query[start] in CLOSING or query[start].isalnum()):
        return None
    field = _field_at(query, start)
    if field is not None:
        raise _error(
            f"a minus excludes words and phrases, not a filter such as {field}:", query, place
        )
    read = _phrase_at if query[start] in CLOSING else _word_at
    excluded, end = read(query, start)
    return _Part(end, excluded=excluded)


def _field_at(query: str, place: int) -> str | None:
    """Name the field whose filter begins here; ``None`` where this is text."""
    name, colon, _ = query[place : place + _LONGEST_FIELD + 1].partition(":")
    value = place + len(name) + 1
    is_bare = value >= len(query) or query[value].isspace() or query.startswith("//", value)
    return name.lower() if colon and name.lower() in FIELDS and not is_bare else None


def _filter_at(query: str, place: int, field: str) -> _Part:
    start = place + len(field) + 1
    read = _quotation_at if query[start] in CLOSING else _word_at
    value, end = read(query, start)
    if not value.strip():
        raise _error("nothing stands between the quotation marks", query, start)
    try:
        return _Part(end, filter=read_filter(field, value.strip()))
    except QueryError as error:
        message = f"{error}; to look for the words themselves, put a space behind {field}:"
        raise _error(message, query, start) from error


def _phrase_at(query: str, place: int) -> tuple[str, int]:
    phrase, end = _quotation_at(query, place)
    if not any(character.isalnum() for character in phrase):
        raise _error("no word stands between the quotation marks", query, place)
    return phrase, end


def _quotation_at(query: str, place: int) -> tuple[str, int]:
    quotation = quotation_at(query, place)
    if quotation.end is None:
        raise _error("this quotation mark is never closed; close it, or leave it out", query, place)
    return quotation.text, quotation.end


def _word_at(query: str, place: int) -> tuple[str, int]:
    [word, *_] = query[place:].split(maxsplit=1)
    return word, place + len(word)


def _error(message: str, query: str, place: int) -> QuerySyntaxError:
    return QuerySyntaxError(message, query, place + 1)
