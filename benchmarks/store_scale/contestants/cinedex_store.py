"""cinedex itself: a library that is built already, asked for vectors of its text space."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.store_scale.building import Built
from benchmarks.store_scale.plan import TEXT, video_id
from store.library import Library
from store.records import Scope


class CinedexStore:
    """Searches a whole library; what it returns are hits with clip, span and text."""

    def __init__(self, built: Built) -> None:
        self._built = built

    def build(self, folder: Path, vectors: Any, videos: Any) -> None:
        """Open the library; building it was measured when it was built."""
        self._library = Library.open(self._built.root)
        [self._space] = [space for space in self._library.spaces() if space.embeds == TEXT]

    def search(self, query: NDArray[np.float32], k: int, videos: Sequence[int] | None) -> list[int]:
        """Search the text space."""
        ids = None if videos is None else tuple(video_id(number) for number in videos)
        [hits] = self._library.search_vectors(
            self._space.space_id,
            query[None],
            k,
            Scope(video_ids=ids),
            query_encoder_id=self._space.query_encoder_id,
        )
        return [self._built.plan.row_of(hit) for hit in hits]

    def close(self) -> None:
        """Close the library."""
        self._library.close()
