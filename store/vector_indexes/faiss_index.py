"""faiss's only home: vectors in memory or mapped from a file, searched exactly or by graph.

It is loaded when a file is read or made, which opening a library does not do.

The catalogue stores half precision, so half-precision codes lose nothing. Exact search scans them
all; above some 100,000 a graph (HNSW) over the same codes answers sooner, and the codes under it
can still be scanned, which is what a narrow selection needs.

Source: Malkov and Yashunin, Efficient and robust approximate nearest neighbor search using
Hierarchical Navigable Small World graphs, 2018.
"""

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Halves = NDArray[np.float16]
OnRows = Callable[[int], None]

LINKS = 32
EF_CONSTRUCTION = 200
EF_SEARCH = 512
MOST_EF = 4096
# Rows added to a graph between two reports of progress, and two chances to stop.
ROWS_PER_STEP = 1000
FLAT, HNSW, PQ = "flat", "hnsw", "pq"


class FaissIndex:
    """Vectors by position, compared by inner product.

    Attributes:
        kind: ``FLAT``, ``HNSW`` or ``PQ``.
        ef_search: Candidates that a search of a graph keeps; see ``calibrating.py``.

    Example:
        >>> index = FaissIndex.flat(np.eye(2, dtype=np.float16))
        >>> scores, positions = index.search(np.array([[0.0, 1.0]], dtype=np.float32), 2)
        >>> positions.tolist()
        [[1, 0]]
    """

    def __init__(self, index: Any) -> None:
        self._index = index
        faiss = _faiss()
        is_graph = isinstance(index, faiss.IndexHNSW)
        self._codes_index = faiss.downcast_index(index.storage) if is_graph else index
        self.ef_search = EF_SEARCH
        self.kind = HNSW if is_graph else PQ if isinstance(index, faiss.IndexPQ) else FLAT

    @classmethod
    def flat(cls, codes: Halves) -> Self:
        """Make an index that scans.

        Args:
            codes: ``(N, D)``.
        """
        faiss = _faiss()
        index = faiss.IndexScalarQuantizer(
            codes.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        if len(codes):
            index.add_sa_codes(np.ascontiguousarray(codes, "<f2").view(np.uint8))
        return cls(index)

    @classmethod
    def graph(cls, codes: Halves, on_rows: OnRows) -> Self:
        """Make an index that follows links.

        Args:
            codes: ``(N, D)``.
            on_rows: Told how many rows are in after every step; what it raises ends the work.
        """
        faiss = _faiss()
        index = faiss.IndexHNSWSQ(
            codes.shape[1], faiss.ScalarQuantizer.QT_fp16, LINKS, faiss.METRIC_INNER_PRODUCT
        )
        index.hnsw.efConstruction = EF_CONSTRUCTION
        made = cls(index)
        made.add(codes, on_rows)
        return made

    @classmethod
    def quantised(cls, codes: Halves, sub_quantisers: int) -> Self:
        """Make an index over product-quantised codes, a byte for each sub-quantiser.

        Source: Jegou, Douze and Schmid, Product quantization for nearest neighbor search, 2011.
        """
        faiss = _faiss()
        index = faiss.IndexPQ(codes.shape[1], sub_quantisers, 8, faiss.METRIC_INNER_PRODUCT)
        index.train(codes[:: max(1, len(codes) // 65_536)].astype(np.float32))
        for start in range(0, len(codes), ROWS_PER_STEP):
            index.add(codes[start : start + ROWS_PER_STEP].astype(np.float32))
        return cls(index)

    @classmethod
    def read(cls, path: Path, *, mapped: bool) -> Self:
        """Read an index; what follows it in the file is left alone.

        Args:
            path: A file whose digest was checked: faiss believes what it reads.
            mapped: Leave the codes in the file, for searching only.
        """
        faiss = _faiss()
        return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC if mapped else 0))

    def write(self, path: Path) -> None:
        """Write the index to a file.

        Raises:
            OSError: It cannot be written.
        """
        try:
            _faiss().write_index(self._index, str(path))
        except RuntimeError as error:  # faiss names no kind of failure
            raise OSError(f"{path} cannot be written: {error}") from error

    @property
    def num_rows(self) -> int:
        """How many vectors it holds."""
        return int(self._index.ntotal)

    def codes(self) -> Halves:
        """Return the codes, ``(N, D)``, without copying; they live as long as the index.

        Raises:
            TypeError: They are quantised.
        """
        if self.kind == PQ:
            raise TypeError("quantised codes are no half-precision vectors")
        return _viewed(self._codes_index.codes, "u1").view("<f2").reshape(-1, self._index.d)

    def add(self, codes: Halves, on_rows: OnRows) -> None:
        """Append rows; not to a mapped index."""
        for start in range(0, len(codes), ROWS_PER_STEP):
            self._index.add(codes[start : start + ROWS_PER_STEP].astype(np.float32))
            on_rows(min(len(codes), start + ROWS_PER_STEP))

    def overwrite(self, positions: NDArray[np.int64]) -> None:
        """Put a linked row's vector in place of each of these, so that nothing is left of theirs.

        The rows must not be found any more; the graph stays walkable because a neighbour stands
        where they stood.
        """
        codes = self.codes()
        gone = np.zeros(len(codes), dtype=bool)
        gone[positions] = True
        if self.kind != HNSW:
            codes[gone] = 0
            return
        graph = self._index.hnsw
        first = _faiss().vector_to_array(graph.offsets)
        neighbours = _viewed(graph.neighbors, "i4")
        for position in positions.tolist():
            links = neighbours[first[position] : first[position] + graph.nb_neighbors(0)]
            kept = links[(links >= 0) & ~gone[links]]
            codes[position] = codes[kept[0]] if len(kept) else 0

    def search(
        self,
        queries: NDArray[np.float32],
        k: int,
        selected: NDArray[np.bool_] | None = None,
        *,
        is_exact: bool = True,
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Find the nearest vectors of each query.

        Args:
            queries: ``(Q, D)``.
            k: At least 1.
            selected: ``(N,)``, which rows may be found; ``None`` for all.
            is_exact: Scan the codes, even where there is a graph.

        Returns:
            Scores and positions, each ``(Q, K)``, best first, ties by position; ``K`` is ``k`` or
            all there is. A graph may find fewer; those places have position -1.
        """
        num_selected = self.num_rows if selected is None else int(np.count_nonzero(selected))
        k = min(k, num_selected)
        if k == 0:
            return np.empty((len(queries), 0), np.float32), np.empty((len(queries), 0), np.int64)
        # What is handed to faiss must live as long as the search: it keeps pointers.
        bits = None if selected is None else np.packbits(selected, bitorder="little")
        faiss = _faiss()
        selector = None if bits is None else faiss.IDSelectorBitmap(bits)
        if is_exact or self.kind != HNSW:
            index, parameters = self._codes_index, None
            if selector is not None:
                parameters = faiss.SearchParameters(sel=selector)
        else:
            index = self._index
            share = num_selected / self.num_rows
            ef = min(MOST_EF, max(k, round(max(self.ef_search, k) / share)))
            parameters = faiss.SearchParametersHNSW(efSearch=ef, sel=selector)
        with _one_thread() if len(queries) == 1 else nullcontext():
            scores, positions = index.search(
                np.ascontiguousarray(queries, np.float32), k, params=parameters
            )
        order = np.lexsort((positions, -scores), axis=1)
        return (
            np.take_along_axis(scores, order, axis=1),
            np.take_along_axis(positions, order, axis=1),
        )


@contextmanager
def _one_thread() -> Iterator[None]:
    """Keep faiss from waking threads that one query gives nothing to do.

    They wait spinning, and take the cores from whoever encodes the next query: with them, a search
    took 76 to 86 ms instead of 47 on two cores.
    """
    faiss = _faiss()
    usual = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(usual)


def _viewed(vector: Any, kind: str) -> NDArray[Any]:
    """View one of faiss's own arrays, mapped or in memory, without copying."""
    num_bytes = vector.size() * np.dtype(kind).itemsize
    if num_bytes == 0:
        return np.empty(0, kind)
    memory = (ctypes.c_uint8 * num_bytes).from_address(int(vector.data()))
    return np.ctypeslib.as_array(memory).view(kind)


def _faiss() -> Any:
    import faiss

    return faiss  # as Any: its stubs describe the C++ signatures, not the Python ones
