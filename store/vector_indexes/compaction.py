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

from store.errors import LibraryDamagedError
from store.interfaces import OnRows
from store.vector_indexes.calibrating import search_width
from store.vector_indexes.faiss_index import FLAT, HNSW, FaissIndex
from store.vector_indexes.rows import VectorColumns, VectorRows
from store.vector_indexes.selection import Flags, isin_sorted
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
        refused_rows: With how many vectors a graph was found wanting; 0 where none was.
    """

    index: FaissIndex
    columns: VectorColumns
    publications: NDArray[np.int64]
    refused_rows: int = 0


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
    if changed > most or (is_scanned and num_rows > _most_scanned(state)):
        return Change.DUE
    return Change.SMALL if changed or (state.tail and state.base is not None) else Change.NONE


def compacted(
    state: SpaceState,
    path: Path | None,
    probes: NDArray[np.float32],
    on_rows: OnRows,
    *,
    is_purged: bool,
) -> Made:
    """Make what a new base holds.

    Args:
        state: Of the space.
        path: Of the state's base; ``None`` where another file, or none, lies there now.
        probes: ``(Q, D)``, like what the space is asked; a graph must answer them well.
        on_rows: Told how far it is; what it raises ends the work.
        is_purged: Leave nothing of what is gone in the file.
    """
    tail, gone = state.tail_rows, state.gone_rows()
    is_grown = path is not None and _is_worth_keeping(state, gone)
    if path is not None and is_grown:
        made = _grown(state, path, tail, gone, on_rows, is_purged=is_purged)
        alive = None if gone is None else isin_sorted(made.columns.publication, state.alive)
        if _is_found_well(made.index, probes, alive):
            return made
    rows = _alive_rows(state, tail, gone)
    num_rows = len(rows.columns)
    is_refused = is_grown
    if not is_grown and num_rows > _most_scanned(state):
        graph = FaissIndex.graph(rows.codes, lambda done: on_rows(done, num_rows))
        if _is_found_well(graph, probes, None):
            return Made(graph, rows.columns, state.alive)
        is_refused = True
    refused_rows = num_rows if is_refused else _refused_rows(state)
    return Made(FaissIndex.flat(rows.codes), rows.columns, state.alive, refused_rows)


def _is_found_well(graph: FaissIndex, probes: NDArray[np.float32], alive: Flags | None) -> bool:
    """Settle how wide a graph is searched; ``False`` where no width finds enough."""
    width = search_width(graph, probes, alive)
    if width is not None:
        graph.ef_search = width
    return width is not None


def _alive_rows(state: SpaceState, tail: VectorRows, gone: Flags | None) -> VectorRows:
    parts = [tail]
    if state.base is not None:
        kept = VectorRows(state.base.columns, state.base.index.codes())
        parts.insert(0, kept if gone is None else kept.taken(~gone))
    return VectorRows.joined(parts, state.dimension)


def _refused_rows(state: SpaceState) -> int:
    return state.base.stamp.refused_rows if state.base is not None else 0


def _most_scanned(state: SpaceState) -> int:
    """Say up to how many vectors a space is scanned; where a graph failed, twice what it had."""
    return max(MOST_EXACT_ROWS, 2 * _refused_rows(state))


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
    if index.num_rows != len(columns):
        raise LibraryDamagedError(f"{path} is not the file that was opened; run the command again")
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
