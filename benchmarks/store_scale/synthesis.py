"""A video's texts and their vectors, as many as wanted, the same for the same number."""

from random import Random

import numpy as np
from numpy.typing import NDArray

from benchmarks.store_scale.plan import TEXTS_PER_VIDEO
from benchmarks.store_scale.seeds import Seeds
from benchmarks.store_scale.sentences import vary

TOPICS_PER_VIDEO = 3
NAMES_PER_VIDEO = 6


class TextSynthesis:
    """Writes the texts of any video and moves their seeds' vectors.

    A really exchanged sentence lies at some cosine ``c`` from its seed ``s``: at ``c s + d t``,
    where ``t`` is a unit vector at right angles to ``s`` and ``d = sqrt(1 - c^2)``. A row takes
    ``c`` from one variant of a seed on its topic, and for ``t`` it mixes the directions of that
    variant and of any other in random shares. So rows lie as near their seeds as real ones, off
    them in the directions that the encoder really moves in, and hardly any two in the same one.
    """

    def __init__(self, seeds: Seeds) -> None:
        self._seeds = seeds
        bases = seeds.embeddings[seeds.origins]
        self._cosines = np.einsum("vd,vd->v", seeds.variants, bases)
        self._directions = _unit(seeds.variants - self._cosines[:, None] * bases)
        topic_of = seeds.origins % seeds.num_topics
        everything = np.arange(len(topic_of))
        found = [np.flatnonzero(topic_of == topic) for topic in range(seeds.num_topics)]
        self._variants_about = [own if len(own) else everything for own in found]

    def video(self, number: int) -> tuple[list[str], NDArray[np.float32]]:
        """Make ``N`` texts in time order and their ``(N, D)`` vectors of unit norm."""
        generator = np.random.default_rng((1, number))
        random = Random(number)
        chosen = self._choose_seeds(number, generator)
        names = self.names(number)
        texts = [
            vary(self._seeds.sentences[seed], self._seeds.vocabulary, names, random).text
            for seed in chosen.tolist()
        ]
        return texts, self._moved(chosen, generator)

    def names(self, number: int) -> tuple[str, ...]:
        """Name the people and places of a video."""
        random = Random(-1 - number)
        return tuple(self._seeds.vocabulary.invent_name(random) for _ in range(NAMES_PER_VIDEO))

    def topics(self, number: int) -> NDArray[np.intp]:
        """Say what a video is about."""
        generator = np.random.default_rng((2, number))
        return generator.choice(self._seeds.num_topics, TOPICS_PER_VIDEO, replace=False)

    def _moved(
        self, chosen: NDArray[np.intp], generator: np.random.Generator
    ) -> NDArray[np.float32]:
        about = chosen % self._seeds.num_topics
        first = np.array([generator.choice(self._variants_about[topic]) for topic in about])
        second = generator.integers(len(self._cosines), size=len(chosen))
        angle = generator.uniform(0, np.pi / 2, (len(chosen), 1)).astype(np.float32)
        sign = generator.choice(np.array([-1, 1], np.float32), (len(chosen), 1))
        mixed = np.cos(angle) * self._directions[first]
        mixed += sign * np.sin(angle) * self._directions[second]
        base = self._seeds.embeddings[chosen]
        across = _unit(mixed - np.einsum("nd,nd->n", mixed, base)[:, None] * base)
        cosine = self._cosines[first, None]
        return _unit(cosine * base + np.sqrt(np.maximum(0, 1 - cosine**2)) * across)

    def _choose_seeds(self, number: int, generator: np.random.Generator) -> NDArray[np.intp]:
        """Choose each text's seed; the topics come in runs, as a film's do."""
        topics = np.sort(generator.integers(TOPICS_PER_VIDEO, size=TEXTS_PER_VIDEO))
        per_topic = len(self._seeds.sentences) // self._seeds.num_topics
        turns = generator.integers(per_topic, size=TEXTS_PER_VIDEO)
        return self.topics(number)[topics] + turns * self._seeds.num_topics


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.maximum(norms, np.finfo(np.float32).tiny)).astype(np.float32)
