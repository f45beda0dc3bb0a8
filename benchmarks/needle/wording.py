"""What rendered shots can say and show: ``words.toml``, and names of which none comes twice."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

WORDS_FILE = Path(__file__).parent / "words.toml"
LEAST_NUMBER, MOST_NUMBER = 3, 98

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Deed:
    """A sentence to be narrated, and how it is asked for.

    Attributes:
        object: A word of ``said`` that no other text of ours holds.
    """

    key: str
    object: str
    said: str
    asked: str
    question: str


@dataclass(frozen=True, slots=True)
class Card:
    """A text to be written: a card of its own, or over the foot of a picture.

    Attributes:
        heading, lines: Of a card; empty where ``lower`` is not.
    """

    key: str
    asked: str
    question: str
    answer: str
    heading: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    lower: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PictureQuery:
    """How a picture is asked for.

    Attributes:
        skip: Numbers of the views on which it is not seen, among its views in the sample film.
    """

    picture: str
    asked: str
    skip: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """All of ``words.toml``; pairs are what is said and what is asked."""

    trades: tuple[tuple[str, str], ...]
    places: tuple[tuple[str, str], ...]
    first_names: tuple[str, ...]
    surnames: tuple[str, ...]
    place_names: tuple[str, ...]
    deeds: tuple[Deed, ...]
    unasked: tuple[str, ...]
    cards: tuple[Card, ...]
    pictures: tuple[PictureQuery, ...]


def load_words() -> Words:
    """Read the lists."""
    raw = tomllib.loads(WORDS_FILE.read_text("utf-8"))
    return Words(
        trades=tuple((said, asked) for said, asked in raw["trades"]),
        places=tuple((said, asked) for said, asked in raw["places"]),
        first_names=tuple(raw["first_names"]),
        surnames=_joined(raw["surname_starts"], raw["surname_ends"]),
        place_names=_joined(raw["place_starts"], raw["place_ends"]),
        deeds=tuple(Deed(**fields) for fields in raw["deed"]),
        unasked=tuple(raw["unasked"]),
        cards=tuple(Card(**_tuples(fields)) for fields in raw["card"]),
        pictures=tuple(
            PictureQuery(name, **_tuples(fields)) for name, fields in raw["picture"].items()
        ),
    )


class Drawing:
    """Draws words for one half of one library; a name that was drawn once never comes again.

    Args:
        seed: Of the library; its halves get different names.
        half_number: 0 or 1.
    """

    def __init__(self, words: Words, seed: int, half_number: int) -> None:
        self._words = words
        self.generator = np.random.default_rng([seed, half_number])
        shared = np.random.default_rng([seed])
        # Names of the fillers are others than those that are asked for, or asked for in vain.
        self._surnames = _half(shared.permutation(list(words.surnames)).tolist(), half_number)
        self._place_names = _half(shared.permutation(list(words.place_names)).tolist(), half_number)

    def fill_deed(self, said: str) -> tuple[str, dict[str, str]]:
        """Draw the words of a sentence; returns it with what its query and question take."""
        trade = self._words.trades[self._below(len(self._words.trades))]
        place = self._words.places[self._below(len(self._words.places))]
        number = self._number()
        asked = {"trade": trade[1], "place": place[1], "number": number}
        sentence = said.format(trade=trade[0], place=place[0], number=number)
        return sentence, asked

    def fill_card(self) -> dict[str, str]:
        """Draw the words of a card, with names that nothing else has."""
        first = self._words.first_names[self._below(len(self._words.first_names))]
        return {
            "name": next(self._place_names),
            "person": f"{first} {next(self._surnames)}",
            "number": self._number(),
        }

    def filler(self) -> str:
        """Draw a sentence that nobody asks for."""
        return self.fill_deed(self._words.unasked[self._below(len(self._words.unasked))])[0]

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """Return the items in an order that is drawn."""
        return [items[place] for place in self.generator.permutation(len(items))]

    def _number(self) -> str:
        return str(self.generator.integers(LEAST_NUMBER, MOST_NUMBER + 1))

    def _below(self, size: int) -> int:
        return int(self.generator.integers(size))


def _half(names: list[str], half_number: int) -> Iterator[str]:
    return iter(names[half_number::2])


def _joined(starts: list[str], ends: list[str]) -> tuple[str, ...]:
    return tuple(start + end for start in starts for end in ends)


def _tuples(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()
    }
