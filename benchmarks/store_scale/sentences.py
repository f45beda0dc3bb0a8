"""Sentences of the project's own forms about other things, and queries for them."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from benchmarks.store_scale.vocabulary import Vocabulary, ending_of

ROOT = Path(__file__).parents[2]
PROSE = ("README.md", "CONTRIBUTING.md", "docs/*.md", "examples/*.md", "examples/sample/*.md")
FEWEST_WORDS, MOST_WORDS = 5, 20
NAME = "Name"
# Content words that become a name or a rare word, so that posting lists have a long tail.
NAME_SHARE = 0.07
# A row's content words that differ from its seed's.
EXCHANGED_SHARE = 0.45
QUERY_FORMS = (
    "where does the {s} talk about the {} in the {}",
    "a {} with a {} next to the {s}",
    "when did they see the {} {} for the first time",
    "someone is {ing} the {} while the others are {ing}",
    "what did she say about the {s} and the {}",
    "the part where they explain how the {} was {ed}",
    "how many {s} were in the {} before it was {ed}",
    "a man {ing} in front of a {} {}",
    "the {s} of {name} and the {}",
    "why was the {} so {} that year",
    "people {ing} by the {} at night",
    "show me the {} that {name} {ed} with the {s}",
)


@dataclass(frozen=True, slots=True)
class Template:
    """One sentence of the project.

    Attributes:
        words: As written.
        slots: Place of each content word with the class of word that fits there.
    """

    words: tuple[str, ...]
    slots: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A template about a topic; ``fills`` stand in its slots."""

    template: Template
    topic: int
    fills: tuple[str, ...]

    @property
    def text(self) -> str:
        """The sentence as written."""
        words = list(self.template.words)
        for (place, _), fill in zip(self.template.slots, self.fills, strict=True):
            words[place] = fill + ("," if words[place].endswith(",") else "")
        text = " ".join(words)
        return text[0].upper() + text[1:] + "."


def read_templates(vocabulary: Vocabulary) -> list[Template]:
    """Find every plain sentence in the project's own texts."""
    sentences = {
        tuple(part.split()) for text in _texts() for part in re.split(r"[.!?;:]\s|[.!?]$", text)
    }
    return [
        _template(words, vocabulary)
        for words in sorted(sentences)
        if FEWEST_WORDS <= len(words) <= MOST_WORDS
        and all(re.fullmatch(r"[A-Za-z][A-Za-z'-]*,?", word) for word in words)
    ]


def new_sentence(
    vocabulary: Vocabulary, templates: list[Template], topic: int, random: Random
) -> Sentence:
    """Write a sentence about a topic."""
    template = random.choice(templates)
    fills = tuple(_fill(vocabulary, topic, kind, (), random) for _, kind in template.slots)
    return Sentence(template, topic, fills)


def vary(
    sentence: Sentence, vocabulary: Vocabulary, names: tuple[str, ...], random: Random
) -> Sentence:
    """Exchange some of a sentence's content words, at least one.

    Args:
        sentence: Left as it is.
        vocabulary: Where other words come from.
        names: Of the film that the new sentence is for; may be empty.
        random: Draws.
    """
    slots, fills = sentence.template.slots, list(sentence.fills)
    certain = random.randrange(len(slots))
    for index, (_, kind) in enumerate(slots):
        if index == certain or random.random() < EXCHANGED_SHARE:
            fills[index] = _fill(vocabulary, sentence.topic, kind, names, random)
    return replace(sentence, fills=tuple(fills))


def new_query(vocabulary: Vocabulary, topic: int, names: tuple[str, ...], random: Random) -> str:
    """Ask for something as people do."""

    def fill(slot: re.Match[str]) -> str:
        kind = NAME if slot[1] == "name" else slot[1]
        return _fill(vocabulary, topic, kind, names, random).lower()

    return re.sub(r"\{(\w*)\}", fill, random.choice(QUERY_FORMS))


def _fill(
    vocabulary: Vocabulary, topic: int, kind: str, names: tuple[str, ...], random: Random
) -> str:
    if kind == NAME or random.random() < NAME_SHARE:
        return random.choice(names) if names else vocabulary.invent_name(random)
    return vocabulary.draw(random, topic, kind)


def _template(words: tuple[str, ...], vocabulary: Vocabulary) -> Template:
    slots = []
    for place, word in enumerate(words):
        bare = word.rstrip(",")
        if bare.lower() in vocabulary.function_words or len(bare) < 3:
            continue
        is_name = place > 0 and bare[0].isupper()
        slots.append((place, NAME if is_name else ending_of(bare)))
    if not slots:  # then its last word tells most
        slots.append((len(words) - 1, ending_of(words[-1])))
    return Template(words, tuple(slots))


def _texts() -> Iterator[str]:
    for pattern in PROSE:
        for path in sorted(ROOT.glob(pattern)):
            lines = path.read_text("utf-8").split("\n")
            yield from " ".join(lines).split("  ")
    films = json.loads((ROOT / "benchmarks/development/films.json").read_text("utf-8"))["films"]
    yield from (row[3] for film in films for row in film["evidence"])
    truth = json.loads((ROOT / "examples/sample/truth.json").read_text("utf-8"))
    yield from _strings(truth["said"], "text")
    yield from _strings(truth["shown"], "description")


def _strings(rows: Iterable[dict[str, str]], key: str) -> Iterator[str]:
    return (" ".join(row[key].split()) for row in rows)
