"""Really embedded sentences, kept: what every made-up vector starts from."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray

from benchmarks.store_scale.models import text_encoder, text_model_folder
from benchmarks.store_scale.sentences import (
    Sentence,
    Template,
    new_sentence,
    read_templates,
    vary,
)
from benchmarks.store_scale.vocabulary import Vocabulary, read_vocabulary
from cinedex.compose import kept_array

SEEDS_PER_VARIANT = 5
RANDOM_SEED = 11


@dataclass(frozen=True, slots=True, eq=False)
class Seeds:
    """Sentences, and some of them again with words exchanged, all really embedded.

    Attributes:
        sentences: ``S`` of them, as many about each topic.
        embeddings: ``(S, D)`` float32 of unit norm.
        origins: ``(V,)``, the sentence that each variant was made from.
        variants: ``(V, D)``.
    """

    vocabulary: Vocabulary
    templates: tuple[Template, ...]
    sentences: tuple[Sentence, ...]
    embeddings: NDArray[np.float32]
    origins: NDArray[np.intp]
    variants: NDArray[np.float32]

    @property
    def num_topics(self) -> int:
        """Topics that the sentences are about; sentence ``i`` is about ``i % num_topics``."""
        return len(self.vocabulary.topics)


def make_seeds(count: int, cache: Path) -> Seeds:
    """Write and embed sentences; embeddings already in ``cache`` are read from there."""
    random = Random(RANDOM_SEED)
    vocabulary = read_vocabulary(text_model_folder())
    templates = read_templates(vocabulary)
    topics = len(vocabulary.topics)
    sentences = [new_sentence(vocabulary, templates, i % topics, random) for i in range(count)]
    origins = np.arange(0, count, SEEDS_PER_VARIANT)
    variants = [vary(sentences[origin], vocabulary, (), random) for origin in origins.tolist()]
    embeddings = _embedded([sentence.text for sentence in (*sentences, *variants)], cache)
    return Seeds(
        vocabulary=vocabulary,
        templates=tuple(templates),
        sentences=tuple(sentences),
        embeddings=embeddings[:count],
        origins=origins,
        variants=embeddings[count:],
    )


def _embedded(texts: list[str], cache: Path) -> NDArray[np.float32]:
    digest = hashlib.blake2b("\n".join(texts).encode(), digest_size=8).hexdigest()

    def embed() -> NDArray[np.float32]:
        print(f"embedding {len(texts):,} sentences, once", flush=True)
        return text_encoder().encode_text(texts)

    return kept_array(cache / f"sentences-{digest}.npy", embed)
