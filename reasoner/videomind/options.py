"""Which option of several an answer names."""

import re

_LETTER_FIRST = re.compile(r"\W*([A-Za-z])(?:\W|$)")
_LETTER_NAMED = re.compile(r"\b(?:option|answer)\b\W*(?:is\W+)?([A-Za-z])(?:\W|$)", re.IGNORECASE)
_LETTER_IN_BRACKETS = re.compile(r"\(([A-Za-z])\)")


def read_option(response: str, num_options: int) -> int | None:
    """Read the letter of an option.

    Args:
        response: What the answerer wrote, with or without how its turn began.
        num_options: How many there were.

    Returns:
        The option's number from 0; ``None`` where no letter stands alone or there is no such
        option. The reference takes the first letter of any word ("Best" is B) and stops with an
        error at an empty response.

    Example:
        >>> read_option("(b) a red ball", 4)
        1
    """
    for pattern, search in (
        (_LETTER_FIRST, _LETTER_FIRST.match),
        (_LETTER_NAMED, _LETTER_NAMED.search),
        (_LETTER_IN_BRACKETS, _LETTER_IN_BRACKETS.search),
    ):
        found = search(response)
        if found:
            number = ord(found[1].upper()) - ord("A")
            return number if number < num_options else None
    return None
