"""Words in quotation marks, of the kinds that keyboards and word processors make.

Apart because a search, where a phrase must stand in what is found, and a question, where it may,
read them alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass

# What may close what was opened: German closes with the mark that English opens with.
CLOSING = {'"': '"', "\u201c": "\u201d", "\u201e": "\u201c\u201d", "\u00ab": "\u00bb"}


@dataclass(frozen=True, slots=True)
class Quotation:
    """What stands between two marks.

    Attributes:
        text: Between the marks; where none closes, all that follows.
        end: Position behind the closing mark; ``None`` where none closes.
    """

    text: str
    end: int | None


def opens_at(text: str, place: int) -> bool:
    """Say whether a mark opens here: not behind a letter or digit, where it is an inch or an end.

    Example:
        >>> opens_at('a "b', 2), opens_at('12" pipe', 2)
        (True, False)
    """
    return text[place] in CLOSING and not (place and text[place - 1].isalnum())


def quotation_at(text: str, place: int) -> Quotation:
    """Read on from an opening mark."""
    closing = CLOSING[text[place]]
    ends = [at for mark in closing if (at := text.find(mark, place + 1)) >= 0]
    if not ends:
        return Quotation(text[place + 1 :], None)
    return Quotation(text[place + 1 : min(ends)], min(ends) + 1)


def quoted(text: str) -> Iterator[str]:
    """List what stands in quotation marks that are closed."""
    place = 0
    while place < len(text):
        end = place + 1
        if opens_at(text, place):
            quotation = quotation_at(text, place)
            if quotation.end is not None:
                yield quotation.text
                end = quotation.end
        place = end
