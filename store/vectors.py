"""faiss's only home: the vectors of one space in memory, and their cache file.

Exact search over half-precision codes. The catalogue stores half precision, so the codes lose
nothing; next to ``IndexFlatIP`` they need half the memory and half the time to scan. An approximate
index can take this one's place: made from chunks of ids and vectors, searched among allowed ids.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

import faiss
import numpy as np
from numpy.typing import NDArray

from store.files import write_atomically

MAGIC = b"cinedex vectors 1\n"


@dataclass(frozen=True, slots=True)
class VectorStamp:
    """Which state of which space an index holds.

    Attributes:
        generation, token: Of ``store.tables.CatalogueState``.
        num_rows: Embeddings of the space in that state.
    """

    space_id: str
    dimension: int
    generation: int
    token: str
    num_rows: int


class VectorIndex:
    """The vectors of one space, searched exactly by inner product.

    Example:
        >>> index = VectorIndex.build(2, [(np.array([7, 9]), np.eye(2, dtype=np.float32))])
        >>> scores, ids = index.search(np.array([[0.0, 1.0]], dtype=np.float32), 2)
        >>> ids.tolist()
        [[9, 7]]
    """

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def build(
        cls, dimension: int, chunks: Iterable[tuple[NDArray[np.int64], NDArray[np.float32]]]
    ) -> Self:
        """Make an index.

        Args:
            dimension: ``D``.
            chunks: ``(N,)`` ids, unique over all chunks, with ``(N, D)`` float32 vectors.
        """
        codes = faiss.IndexScalarQuantizer(
            dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        index = faiss.IndexIDMap(codes)
        for ids, vectors in chunks:
            index.add_with_ids(np.ascontiguousarray(vectors), ids)
        return cls(index)

    def search(
        self, queries: NDArray[np.float32], k: int, allowed: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Find the nearest vectors of each query.

        Args:
            queries: ``(Q, D)``.
            k: At least 1.
            allowed: ``(A,)`` ids that may be found; ``None`` for all.

        Returns:
            Scores and ids, each ``(Q, K)``, best first, ties by id; ``K`` is ``k`` or all there is.
        """
        k = min(k, self._index.ntotal if allowed is None else len(allowed))
        if k == 0:
            return np.empty((len(queries), 0), np.float32), np.empty((len(queries), 0), np.int64)
        parameters = None
        if allowed is not None:
            is_allowed = np.zeros(int(allowed.max()) + 1, dtype=bool)
            is_allowed[allowed] = True
            # Both must live as long as the search: faiss keeps pointers.
            bits = np.packbits(is_allowed, bitorder="little")
            parameters = _parameters(bits)
        scores, ids = self._index.search(
            np.ascontiguousarray(queries, np.float32), k, params=parameters
        )
        order = np.lexsort((ids, -scores), axis=1)
        return np.take_along_axis(scores, order, axis=1), np.take_along_axis(ids, order, axis=1)

    def save(self, path: Path, stamp: VectorStamp) -> None:
        """Write the cache file; it is whole or as it was before."""
        payload = faiss.serialize_index(self._index).tobytes()
        header = {**asdict(stamp), "sha256": sha256(payload).hexdigest()}
        write_atomically(path, MAGIC, json.dumps(header).encode() + b"\n", payload)

    @classmethod
    def load(cls, path: Path, stamp: VectorStamp) -> Self | None:
        """Read the cache file; ``None`` where it is missing, torn or holds another state."""
        try:
            with path.open("rb") as file:
                if file.readline() != MAGIC:
                    return None
                header = json.loads(file.readline())
                digest = header.pop("sha256")
                if header != asdict(stamp):
                    return None
                payload = np.fromfile(file, dtype=np.uint8)
        except (OSError, ValueError, AttributeError, LookupError, TypeError):
            return None
        if sha256(payload.data).hexdigest() != digest:
            return None
        return cls(faiss.deserialize_index(payload))


def _parameters(bits: NDArray[np.uint8]) -> Any:
    wrappers: Any = faiss  # its stubs describe the C++ signatures, not the Python ones
    return wrappers.SearchParameters(sel=wrappers.IDSelectorBitmap(bits))
