"""The answers that a question lets choose among, each with its letter."""

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from store.errors import QueryError


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers that a question names."""

    letter: str
    text: str

    def __str__(self) -> str:
        return f"({self.letter}) {self.text}"


def lettered(texts: Sequence[str]) -> tuple[Choice, ...]:
    """Give answers their letters, in order.

    Args:
        texts: None for a question that is answered in words.

    Raises:
        QueryError: There is one alone, or more than there are letters, or one is empty or named
            twice.

    Example:
        >>> [str(choice) for choice in lettered(["red", " dark  grey"])]
        ['(A) red', '(B) dark grey']
    """
    tidy = [" ".join(text.split()) for text in texts]
    if tidy and not 2 <= len(tidy) <= len(ascii_uppercase):
        there_are = "there is 1 choice" if len(tidy) == 1 else f"there are {len(tidy)} choices"
        raise QueryError(f"{there_are}; give 2 to {len(ascii_uppercase)}")
    if not all(tidy):
        raise QueryError("a choice is empty; give each in words")
    if len({text.casefold() for text in tidy}) < len(tidy):
        raise QueryError("two choices are the same; give each once")
    return tuple(Choice(letter, text) for letter, text in zip(ascii_uppercase, tidy, strict=False))


def option_letter(number: int) -> str:
    """Return the letter of an option, from 0.

    Raises:
        ValueError: There is no letter for it.
    """
    if not 0 <= number < len(ascii_uppercase):
        raise ValueError(f"options have letters A to Z, got number {number}")
    return ascii_uppercase[number]
