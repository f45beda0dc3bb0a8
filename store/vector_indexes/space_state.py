"""The vectors of one space in one state of the catalogue, and the search over them."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from store.interfaces import VectorMatch
from store.records import Scope
from store.vector_indexes.base_file import VectorBase
from store.vector_indexes.calibrating import probes_of
from store.vector_indexes.faiss_index import HNSW, PQ
from store.vector_indexes.rows import VectorRows
from store.vector_indexes.selection import Flags, Selection, isin_sorted, select_rows

# A graph loses recall where few of its rows may be found, and scanning those is quick.
MOST_SCANNED_SHARE = 0.3
MOST_SCANNED_ROWS = 100_000

Found = tuple[NDArray[np.float32], NDArray[np.int64]]


@dataclass(frozen=True, eq=False)
class SpaceState:
    """Base, tail and what is gone.

    The tail's parts are put together when it is searched: a writer that publishes one video after
    another only counts them.

    Attributes:
        token: Of the catalogue's state.
        alive: Sorted; publications that the catalogue knows.
        base: ``None`` where there is no usable file.
        has_gone: Whether the base knows publications that the catalogue does not.
        tail: Publications that the base does not know, those without vectors too.
        dimension: ``D``.
    """

    token: str
    alive: NDArray[np.int64]
    base: VectorBase | None
    has_gone: bool
    tail: dict[int, VectorRows]
    dimension: int

    @classmethod
    def of(
        cls,
        token: str,
        alive: NDArray[np.int64],
        base: VectorBase | None,
        tail: dict[int, VectorRows],
        dimension: int,
    ) -> Self:
        """Put a state together; tail rows of publications that are gone are left out."""
        known = set(alive.tolist())
        tail = {number: rows for number, rows in tail.items() if number in known}
        has_gone = base is not None and not isin_sorted(base.publications, alive).all()
        return cls(token, alive, base, has_gone, tail, dimension)

    @cached_property
    def tail_rows(self) -> VectorRows:
        """The tail in order of row id."""
        return VectorRows.joined(list(self.tail.values()), self.dimension)

    @cached_property
    def tail_vectors(self) -> NDArray[np.float32]:
        """``(N, D)``, the tail's vectors as they are searched."""
        return self.tail_rows.codes.astype(np.float32)

    @property
    def num_tail_rows(self) -> int:
        """How many vectors the tail holds."""
        return sum(len(rows.columns) for rows in self.tail.values())

    @property
    def base_identity(self) -> tuple[int, ...] | None:
        """Of the file that is in use."""
        return self.base.identity if self.base is not None else None

    def rebased(self, base: VectorBase | None) -> "SpaceState | None":
        """Put a newer base in place; ``None`` where it lacks what only the old one holds."""
        if base is None:
            return None
        tail = {
            number: rows
            for number, rows in self.tail.items()
            if not isin_sorted(np.array([number]), base.publications).any()
        }
        held = np.union1d(base.publications, np.array(list(tail), np.int64))
        if not isin_sorted(self.alive, held).all():
            return None
        return SpaceState.of(self.token, self.alive, base, tail, self.dimension)

    def sample(self) -> NDArray[np.float32]:
        """Make probes from vectors from all over the space, ``(Q, D)``."""
        if self.base is not None and self.base.index.kind != PQ and self.base.index.num_rows:
            return probes_of(self.base.index.codes())
        return probes_of(self.tail_rows.codes)

    def gone_rows(self) -> Flags | None:
        """Flag the rows of the base that are gone; ``None`` where none is."""
        if self.base is None or not self.has_gone:
            return None
        return ~isin_sorted(self.base.columns.publication, self.alive)

    def search(
        self,
        queries: NDArray[np.float32],
        k: int,
        scope: Scope,
        wanted: Selection,
    ) -> list[list[VectorMatch]]:
        """Find the nearest vectors of each query, best first, ties by row id.

        Args:
            queries: ``(Q, D)``.
            k: At least 1.
            scope: What may be found.
            wanted: What SQL knows of the scope; of publications, all that are alive by default.
        """
        flags = select_rows(self.tail_rows.columns, scope, wanted)
        scores, rows = self._search_tail(queries, k, flags)
        if self.base is not None:
            if wanted.publications is None and self.has_gone:
                wanted = replace(wanted, publications=self.alive)
            flags = select_rows(self.base.columns, scope, wanted)
            narrowed = scope != Scope()
            near = _search_base(self.base, queries, k, flags, is_narrowed=narrowed)
            scores = np.concatenate([scores, near[0]], axis=1)
            rows = np.concatenate([rows, near[1]], axis=1)
        order = np.lexsort((rows, -scores), axis=1)[:, :k]
        scores = np.take_along_axis(scores, order, axis=1)
        rows = np.take_along_axis(rows, order, axis=1)
        return [
            [VectorMatch(row, score) for row, score in zip(found, near, strict=True) if row >= 0]
            for found, near in zip(rows.tolist(), scores.tolist(), strict=True)
        ]

    def _search_tail(self, queries: NDArray[np.float32], k: int, flags: Flags | None) -> Found:
        rows, vectors = self.tail_rows.columns.row, self.tail_vectors
        if flags is not None:
            rows, vectors = rows[flags], vectors[flags]
        scores = queries @ vectors.T
        if scores.shape[1] > k:
            # The k-th score may be shared; the later of equals must not push the earlier out.
            kth = -np.partition(-scores, k - 1, axis=1)[:, k - 1 : k]
            kept = (scores >= kth).any(axis=0)
            rows, scores = rows[kept], scores[:, kept]
        return scores, np.broadcast_to(rows, scores.shape)


def _search_base(
    base: VectorBase,
    queries: NDArray[np.float32],
    k: int,
    flags: Flags | None,
    *,
    is_narrowed: bool,
) -> Found:
    num_selected = base.index.num_rows if flags is None else int(np.count_nonzero(flags))
    most = max(MOST_SCANNED_ROWS, MOST_SCANNED_SHARE * base.index.num_rows)
    is_exact = base.index.kind != HNSW or (is_narrowed and num_selected <= most)
    scores, places = base.index.search(queries, k, flags, is_exact=is_exact)
    if not is_exact and (places < 0).any():  # the graph did not reach enough
        scores, places = base.index.search(queries, k, flags, is_exact=True)
    return scores, np.where(places >= 0, base.columns.row[places], -1)
