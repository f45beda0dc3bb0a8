"""Words with the frequencies that real posting lists have, and the topics they belong to."""

import json
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Self

import numpy as np
from numpy.typing import NDArray

from retriever.words import STOP_WORDS

NUM_TOPICS = 200
# The most frequent words of the list that are no stop words still hold sentences together.
NUM_FUNCTION_WORDS = 120
# Zipf and Mandelbrot's offset: flattens the head so that no content word is in every other row.
ZIPF_OFFSET = 2.0
# Slots filled with any word rather than one of the topic.
GLOBAL_SHARE = 0.4
ENDINGS = ("ing", "ed", "ly", "s")
FEWEST_WORDS = 8
ROUNDS_OF_K_MEANS = 12


@dataclass(frozen=True, slots=True)
class WordList:
    """Words to draw from, the frequent ones more often."""

    words: tuple[str, ...]
    cumulative: tuple[float, ...]

    @classmethod
    def ranked(cls, words: Sequence[str], ranks: Sequence[int]) -> Self:
        """Make a list of words with their ranks in the whole vocabulary."""
        weights = (1 / (rank + ZIPF_OFFSET) for rank in ranks)
        return cls(tuple(words), tuple(accumulate(weights)))

    def draw(self, random: Random) -> str:
        """Draw one word."""
        return self.words[bisect(self.cumulative, random.random() * self.cumulative[-1])]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What sentences are made of.

    Attributes:
        function_words: Stand in sentences of every topic and are never exchanged.
        anywhere: Ending to the words with this ending.
        topics: The same for each topic.
        stems, tails: Parts of invented names.
    """

    function_words: frozenset[str]
    anywhere: dict[str, WordList]
    topics: tuple[dict[str, WordList], ...]
    stems: tuple[str, ...]
    tails: tuple[str, ...]

    def draw(self, random: Random, topic: int, ending: str) -> str:
        """Draw a content word for a place where a word with such an ending stood."""
        lists = self.anywhere if random.random() < GLOBAL_SHARE else self.topics[topic]
        return lists.get(ending, lists[""]).draw(random)

    def invent_name(self, random: Random) -> str:
        """Make up a name; there are millions."""
        return (random.choice(self.stems) + random.choice(self.tails)).capitalize()


def ending_of(word: str) -> str:
    """Name the class of a word by how it ends; ``""`` for most."""
    return next((ending for ending in ENDINGS if word.endswith(ending)), "")


def read_vocabulary(folder: Path) -> Vocabulary:
    """Read the encoder's word list and group it into topics.

    Args:
        folder: With ``tokenizer.json``, whose whole words stand in order of frequency, and
            ``model.safetensors``.
    """
    from safetensors.numpy import load_file

    numbers = json.loads((folder / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    pieces = sorted(numbers, key=numbers.__getitem__)
    whole = [word for word in pieces if len(word) > 2 and word.isascii() and word.isalpha()]
    telling = [word for word in whole if word not in STOP_WORDS]
    function_words = STOP_WORDS | frozenset(telling[:NUM_FUNCTION_WORDS])
    content = [word for word in telling if word not in function_words]
    table = load_file(folder / "model.safetensors")["embeddings.word_embeddings.weight"]
    topic_of = _k_means(table[[numbers[word] for word in content]], NUM_TOPICS)
    topics = tuple(_by_ending(content, np.flatnonzero(topic_of == t)) for t in range(NUM_TOPICS))
    return Vocabulary(
        function_words=function_words,
        anywhere=_by_ending(content, np.arange(len(content))),
        topics=tuple(topic for topic in topics if topic),
        stems=tuple(word for word in content[2000:] if len(word) < 6),
        tails=tuple(p[2:] for p in pieces if p[:2] == "##" and p[2:].isalpha() and 4 < len(p) < 8),
    )


def _by_ending(content: Sequence[str], members: NDArray[np.intp]) -> dict[str, WordList]:
    if len(members) < FEWEST_WORDS:
        return {}
    lists = {"": WordList.ranked([content[i] for i in members], members.tolist())}
    for ending in ENDINGS:
        fitting = [i for i in members.tolist() if content[i].endswith(ending)]
        if len(fitting) >= FEWEST_WORDS:
            lists[ending] = WordList.ranked([content[i] for i in fitting], fitting)
    return lists


def _k_means(vectors: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    """Group unit directions; spherical k-means from evenly spaced rows."""
    centred = vectors - vectors.mean(axis=0)
    units = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    centres = units[:: len(units) // count][:count]
    for _ in range(ROUNDS_OF_K_MEANS):
        nearest = (units @ centres.T).argmax(axis=1)
        sums = np.zeros_like(centres)
        np.add.at(sums, nearest, units)
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        centres = np.where(norms > 0, sums / np.maximum(norms, 1e-9), centres)
    return nearest
