"""The simplest thing that could work: every vector in memory as float32, one matrix product."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


class FlatNumpy:
    """All vectors in memory."""

    def build(self, folder: Path, vectors: NDArray[np.float16], videos: NDArray[np.int64]) -> None:
        """Keep a copy in memory and one on disk."""
        self._vectors = vectors.astype(np.float32)
        self._videos = videos
        np.save(folder / "vectors.npy", self._vectors)

    def search(self, query: NDArray[np.float32], k: int, videos: Sequence[int] | None) -> list[int]:
        """Multiply."""
        if videos is None:
            return _best(self._vectors @ query, k).tolist()
        rows = np.flatnonzero(np.isin(self._videos, videos))
        return rows[_best(self._vectors[rows] @ query, k)].tolist()

    def close(self) -> None:
        """Free the memory."""
        del self._vectors


def _best(scores: NDArray[np.float32], k: int) -> NDArray[np.intp]:
    top = np.argpartition(-scores, k - 1)[:k]
    return top[np.argsort(-scores[top])]
