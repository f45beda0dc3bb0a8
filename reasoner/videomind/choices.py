"""Which option of several an answer names."""

import re

_LETTERS = (
    re.compile(r"^\W*([A-Za-z])(?:\W|$)"),
    re.compile(r"\b(?i:option|answer)\b\W*(?:is\W+)?([A-Z])(?:\W|$)"),
    re.compile(r"\(([A-Za-z])\)"),
)
"""A letter at the start, one that is called the option or the answer, one in brackets."""


def read_option(response: str, num_options: int) -> int | None:
    """Read the letter of an option.

    Args:
        response: What the answerer wrote, with or without how its turn began.
        num_options: How many there were.

    Returns:
        The option's number from 0; ``None`` where no letter of an option stands alone. The
        reference takes the first letter of any word ("Best" is B) and stops with an error at an
        empty response.

    Example:
        >>> read_option("(b) a red ball", 4)
        1
    """
    for letters in _LETTERS:
        found = letters.search(response)
        if found and ord(found[1].upper()) - ord("A") < num_options:
            return ord(found[1].upper()) - ord("A")
    return None
