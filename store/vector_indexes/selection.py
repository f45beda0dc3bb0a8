"""A scope as a flag for each vector: what ``store/scoping.py`` says in SQL, said of columns."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from store.records import EvidenceKind, Scope
from store.vector_indexes.rows import KINDS, NUM_KIND_CODES, VectorColumns

Flags = NDArray[np.bool_]


def select_rows(
    columns: VectorColumns, scope: Scope, publications: NDArray[np.int64] | None
) -> Flags | None:
    """Say which vectors may be found.

    Args:
        columns: Of ``N`` vectors.
        scope: What may be found.
        publications: Of the videos that may be found, sorted; ``None`` where all of these vectors'
            videos may be.

    Returns:
        ``(N,)``, or ``None`` where all may be found.
    """
    flags = None if publications is None else isin_sorted(columns.publication, publications)
    for wanted in (
        _of_kinds(columns, scope.kinds),
        _within(columns, scope),
        _worded(columns, columns.language, scope.language),
        _worded(columns, columns.speaker, None if scope.speaker is None else scope.speaker.lower()),
    ):
        if wanted is not None:
            flags = wanted if flags is None else flags & wanted
    return flags


def isin_sorted(values: NDArray[np.int64], known: NDArray[np.int64]) -> Flags:
    """Say of each value whether it is among the known ones, which are sorted."""
    if len(known) == 0:
        return np.zeros(len(values), dtype=bool)
    places = np.searchsorted(known, values)
    places[places == len(known)] = 0
    return np.asarray(known[places] == values, bool)


def _of_kinds(columns: VectorColumns, kinds: Collection[EvidenceKind] | None) -> Flags | None:
    if kinds is None:
        return None
    is_wanted = np.zeros(NUM_KIND_CODES, dtype=bool)
    is_wanted[np.array([KINDS[str(kind)] for kind in kinds], np.intp)] = True
    return np.asarray(is_wanted[columns.kind], bool)


def _within(columns: VectorColumns, scope: Scope) -> Flags | None:
    if scope.within is None:
        return None
    first, last = scope.within.start_milliseconds, scope.within.end_milliseconds
    overlaps = (columns.start < last) & ((columns.end > first) | (columns.start == first))
    return np.asarray(overlaps, bool)


def _worded(columns: VectorColumns, codes: NDArray[np.int32], word: str | None) -> Flags | None:
    if word is None:
        return None
    if word not in columns.words:
        return np.zeros(len(columns), dtype=bool)
    return np.asarray(codes == columns.words.index(word), bool)
