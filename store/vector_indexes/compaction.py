"""A new base out of an old one, its tail and what is gone.

Up to 100,000 vectors the base is scanned: exact, made in a moment. Above, it is a graph. The tail
is added to the graph there is; once a tenth of it is gone, and a graph cannot delete, it is made
anew.
"""

import enum
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from store.interfaces import OnRows
from store.vector_indexes.faiss_index import FLAT, HNSW, FaissIndex
from store.vector_indexes.rows import VectorColumns, VectorRows
from store.vector_indexes.selection import Flags
from store.vector_indexes.space_state import SpaceState

MOST_EXACT_ROWS = 100_000
MOST_CHANGED_SHARE = 0.1
MOST_CHANGED_ROWS = 20_000
# So few are read from SQL in some milliseconds; a small library is not written anew for each video.
LEAST_CHANGED_ROWS = 1000
# What stood here was removed, and its vector overwritten; no publication has this number.
REMOVED = -1


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """What a new base holds.

    Attributes:
        columns: Of the rows of ``index``.
        publications: Sorted; those that the base knows.
    """

    index: FaissIndex
    columns: VectorColumns
    publications: NDArray[np.int64]


class Change(enum.IntEnum):
    """How much a base lags behind the catalogue."""

    NONE = 0
    SMALL = 1
    DUE = 2


def is_due(state: SpaceState) -> Change:
    """Say how much a base lags behind."""
    gone = state.gone_rows()
    num_gone = (
        0 if gone is None or state.base is None else int(np.count_nonzero(_left(state, gone)))
    )
    changed = state.num_tail_rows + num_gone
    num_rows = state.base.index.num_rows if state.base is not None else 0
    most = min(MOST_CHANGED_ROWS, max(LEAST_CHANGED_ROWS, MOST_CHANGED_SHARE * num_rows))
    is_scanned = state.base is not None and state.base.index.kind == FLAT
    if changed > most or (is_scanned and num_rows > MOST_EXACT_ROWS):
        return Change.DUE
    return Change.SMALL if changed or (state.tail and state.base is not None) else Change.NONE


def compacted(state: SpaceState, path: Path, on_rows: OnRows, *, is_purged: bool) -> Made:
    """Make what a new base holds.

    Args:
        state: Of the space.
        path: Of the old base.
        on_rows: Told how far it is; what it raises ends the work.
        is_purged: Leave nothing of what is gone in the file.
    """
    tail = state.tail_rows
    gone = state.gone_rows()
    if _is_worth_keeping(state, gone):
        return _grown(state, path, tail, gone, on_rows, is_purged=is_purged)
    parts = [tail]
    if state.base is not None:
        kept = VectorRows(state.base.columns, state.base.index.codes())
        parts.insert(0, kept if gone is None else kept.taken(~gone))
    rows = VectorRows.joined(parts, state.dimension)
    num_rows = len(rows.columns)
    if num_rows <= MOST_EXACT_ROWS:
        index = FaissIndex.flat(rows.codes)
    else:
        index = FaissIndex.graph(rows.codes, lambda done: on_rows(done, num_rows))
    return Made(index, rows.columns, state.alive)


def _is_worth_keeping(state: SpaceState, gone: Flags | None) -> bool:
    if state.base is None or state.base.index.kind != HNSW:
        return False
    num_rows = state.base.index.num_rows
    num_gone = 0 if gone is None else int(np.count_nonzero(gone))
    return (
        num_gone <= MOST_CHANGED_SHARE * num_rows
        and num_rows - num_gone + state.num_tail_rows > MOST_EXACT_ROWS
    )


def _grown(
    state: SpaceState,
    path: Path,
    tail: VectorRows,
    gone: Flags | None,
    on_rows: OnRows,
    *,
    is_purged: bool,
) -> Made:
    """Add the tail to the graph there is; what is gone stays as places that are never found."""
    if state.base is None:
        raise ValueError("there is no base to add to")
    index = FaissIndex.read(path, mapped=False)
    columns = state.base.columns
    publications = np.union1d(state.alive, state.base.publications)
    if is_purged and gone is not None:
        index.overwrite(np.flatnonzero(_left(state, gone)))
        columns = columns.without_owner(gone, REMOVED)
        publications = np.union1d(state.alive, [REMOVED])
    num_rows = len(tail.columns)
    index.add(tail.codes, lambda done: on_rows(done, num_rows))
    return Made(index, VectorColumns.joined([columns, tail.columns]), publications)


def _left(state: SpaceState, gone: Flags) -> Flags:
    """Flag what is gone and still holds a vector of its own."""
    if state.base is None:
        return gone
    return np.asarray(gone & (state.base.columns.publication != REMOVED), bool)
