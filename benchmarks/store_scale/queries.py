"""The queries: made once for a folder of libraries, told to the measuring processes by file."""

import json
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray

from benchmarks.store_scale.films import FilmMaker
from benchmarks.store_scale.sentences import new_query

RANDOM_SEED = 3
WORDS_FILE, VECTORS_FILE = "queries.json", "queries.npy"


@dataclass(frozen=True, slots=True, eq=False)
class Queries:
    """What is asked, and the same as vectors ``(Q, D)`` for searches without an encoder."""

    texts: tuple[str, ...]
    vectors: NDArray[np.float32]


def write_queries(maker: FilmMaker, count: int, num_videos: int, folder: Path) -> Queries:
    """Ask about the topics and names of random videos, in sentences that no row is made of."""
    from benchmarks.store_scale.models import query_encoder

    random = Random(RANDOM_SEED)
    texts = []
    for _ in range(count):
        video = random.randrange(num_videos)
        topic = random.choice(maker.texts.topics(video).tolist())
        names = maker.texts.names(video)
        texts.append(new_query(maker.seeds.vocabulary, topic, names, random))
    vectors = query_encoder().encode_text(texts)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / WORDS_FILE).write_text(json.dumps(texts, indent=1) + "\n", "utf-8")
    np.save(folder / VECTORS_FILE, vectors)
    return Queries(tuple(texts), vectors)


def read_queries(folder: Path) -> Queries:
    """Read what ``write_queries`` wrote."""
    texts = json.loads((folder / WORDS_FILE).read_text("utf-8"))
    return Queries(tuple(texts), np.load(folder / VECTORS_FILE))
