"""What is asked of a vector store in the comparison."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Contestant(Protocol):
    """A store of vectors with the number of the video that each belongs to."""

    def build(self, folder: Path, vectors: NDArray[np.float16], videos: NDArray[np.int64]) -> None:
        """Store ``(N, D)`` vectors under their row numbers, index them, and keep them open."""

    def search(self, query: NDArray[np.float32], k: int, videos: Sequence[int] | None) -> list[int]:
        """Find the nearest rows, best first; of some videos only where they are given."""

    def close(self) -> None:
        """Let go of every file."""
