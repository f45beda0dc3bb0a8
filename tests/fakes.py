"""Small models that fulfil our protocols without weights: deterministic, quick, honest fakes."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class HashingEncoder:
    """Embeds text as the sum of its words' fixed directions: texts that share words are near.

    Fulfils ``retriever.interfaces.QueryEncoder`` and ``indexer.interfaces.TextEncoder``.
    """

    def __init__(self, dimension: int = 64, encoder_id: str = "hashing@1") -> None:
        self.dimension = dimension
        self.encoder_id = encoder_id
        self.calls = 0

    def encode_text(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.calls += 1
        rows = [self._embed(text) for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(rows), self.dimension)

    def _embed(self, text: str) -> NDArray[np.float64]:
        words = text.lower().split() or [""]
        total = np.sum([self._direction(word) for word in words], axis=0)
        return total / np.linalg.norm(total)

    def _direction(self, word: str) -> NDArray[np.float64]:
        digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        return np.random.default_rng(int.from_bytes(digest)).standard_normal(self.dimension)
