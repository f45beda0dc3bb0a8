"""A scope as a flag for each vector: what ``store/scoping.py`` says in SQL, said of columns.

What the columns do not know is asked of SQL first: which videos, and which vectors' words.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from store.interfaces import StoredSpace, TextIndex
from store.records import EvidenceKind, Scope
from store.scoping import video_conditions, word_conditions
from store.tables import EmbeddingRow, VideoRow
from store.vector_indexes.rows import KINDS, NUM_KIND_CODES, VectorColumns

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """What SQL says of a scope.

    Attributes:
        publications: Of the videos that may be found, sorted; ``None`` for all.
        rows: Ids of the vectors that hold the wanted words and none of the unwanted, sorted;
            ``None`` for all.
        barred: Ids of vectors that hold unwanted words, sorted; where ``rows`` is ``None``.
    """

    publications: NDArray[np.int64] | None = None
    rows: NDArray[np.int64] | None = None
    barred: NDArray[np.int64] | None = None


def select_in_sql(
    session: Session, space: StoredSpace, scope: Scope, texts: TextIndex
) -> Selection:
    """Ask SQL what the columns of vectors do not know.

    Args:
        session: In a transaction.
        space: Whose vectors.
        scope: What may be found.
        texts: The full-text index of the database.
    """
    publications = rows = barred = None
    if of_videos := list(video_conditions(scope)):
        found = session.scalars(select(VideoRow.publication).where(*of_videos))
        publications = np.sort(np.fromiter(found, np.int64))
    if scope.phrases:
        rows = _rows_where(session, space, *_of_words(scope, texts))
    elif scope.without:
        # Those that hold them are fewer than the others, as a rule.
        barred = _rows_where(session, space, *(~one for one in _of_words(scope, texts)))
    return Selection(publications, rows, barred)


def select_rows(columns: VectorColumns, scope: Scope, selection: Selection) -> Flags | None:
    """Say which vectors may be found.

    Args:
        columns: Of ``N`` vectors.
        scope: What may be found.
        selection: What SQL says of it.

    Returns:
        ``(N,)``, or ``None`` where all may be found.
    """
    flags = None
    for wanted in (
        _published(columns, selection.publications),
        _among(columns, selection.rows),
        _not_among(columns, selection.barred),
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


def _of_words(scope: Scope, texts: TextIndex) -> list[ColumnElement[bool]]:
    return list(word_conditions(scope, EmbeddingRow.clip, EmbeddingRow.evidence, texts))


def _rows_where(
    session: Session, space: StoredSpace, *wanted: ColumnElement[bool]
) -> NDArray[np.int64]:
    # From words over evidence or clip to vector: an index on the space would have all of it read.
    statement = select(EmbeddingRow.id).where(EmbeddingRow.space + 0 == space.row, *wanted)
    return np.sort(np.fromiter(session.scalars(statement), np.int64))


def _published(columns: VectorColumns, publications: NDArray[np.int64] | None) -> Flags | None:
    return None if publications is None else isin_sorted(columns.publication, publications)


def _among(columns: VectorColumns, rows: NDArray[np.int64] | None) -> Flags | None:
    """Flag the rows with these ids; there are few ids, and both are sorted."""
    if rows is None:
        return None
    flags = np.zeros(len(columns), dtype=bool)
    flags[np.searchsorted(columns.row, rows[isin_sorted(rows, columns.row)])] = True
    return flags


def _not_among(columns: VectorColumns, rows: NDArray[np.int64] | None) -> Flags | None:
    flags = _among(columns, rows)
    return None if flags is None else ~flags


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
