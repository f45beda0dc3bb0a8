"""Vector search inside PostgreSQL, by the pgvector extension.

The rows of ``vector_entry`` are written in the publishing transaction and belong to the snapshot of
whoever reads, so there is no tail and nothing to adopt. Up to 100,000 vectors a space is scanned:
exact. Above, a graph answers (``graphs.py``), and only what it can answer well: a scope is applied
to the nearest thousand at most, so a narrow one is scanned, and so is whatever the graph left open.

Works from pgvector 0.5 on; what later versions added (``halfvec``, iterative scans) is not needed.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    Double,
    Select,
    cast,
    delete,
    func,
    literal,
    select,
    text,
    true,
)
from sqlalchemy.orm import Session

from store.database import Database
from store.interfaces import OnRows, Reading, StoredSpace, VectorMatch
from store.records import Scope
from store.scoping import conditions
from store.tables import ClipRow, EmbeddingRow, EvidenceRow, VideoRow
from store.vector_indexes import entries, graphs
from store.vector_indexes.entries import ENTRY, Vector

MOST_EXACT_ROWS = 100_000
MOST_SCANNED_SHARE = 0.3
MOST_SCANNED_ROWS = 100_000
EF_SEARCH = 128
# pgvector's own limit.
MOST_EF = 1000


class PgVectorIndex:
    """The vectors of one catalogue in PostgreSQL.

    Args:
        database: Of the catalogue.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def prepare(self, on_rows: OnRows | None = None) -> None:
        """Make the table where it is missing, and enter what was published without it.

        Args:
            on_rows: Told how far it is; ``None`` for nobody.

        Raises:
            ConfigError: The server has no pgvector, or one without HNSW.
        """
        with self._database.reading() as session:
            if entries.is_there(session) and not entries.is_behind(session):
                return

        def work(session: Session) -> None:
            entries.create(session, self._database.place)
            entries.fill(session, entries.missing(), on_rows)

        self._database.write(work)

    def add(self, session: Session, video: int) -> None:
        """Enter a video's vectors; a graph takes them in at once."""
        entries.fill(session, entries.of_video(video))

    def search(
        self,
        session: Session,
        space: StoredSpace,
        queries: NDArray[np.float32],
        k: int,
        scope: Scope,
    ) -> list[list[VectorMatch]]:
        """Ask the graph where it may answer, and scan where it may not or could not."""
        ef = self._ef(session, space, k, scope) if len(queries) else None
        return [self._nearest(session, space, query, k, scope, ef) for query in queries]

    def compact(self, reading: Reading, on_rows: OnRows, *, is_forced: bool) -> None:
        """Enter what is missing, then make the graphs that are due."""
        with reading() as session:
            is_behind = is_forced or entries.is_behind(session)
            is_behind = is_behind and session.scalar(
                select(EmbeddingRow.id).where(entries.missing()).limit(1)
            )
        if is_behind:
            self._database.write(lambda session: entries.fill(session, entries.missing(), on_rows))
        with reading() as session:
            sizes = {
                space: _count(session, _of_space(select(ENTRY.c.embedding), space))
                for space in entries.spaces(session)
                if space.dimension <= graphs.MOST_DIMENSIONS
            }
            due = {space: size for space, size in sizes.items() if size > MOST_EXACT_ROWS}
            if graphs.are_made(session, due):
                return
        graphs.make(self._database, due, on_rows)

    def problems(self, session: Session) -> Iterator[str]:
        """Count the entries of every space against its vectors."""
        for space in entries.spaces(session):
            vectors = select(EmbeddingRow.id).where(EmbeddingRow.space == space.row)
            num_vectors = _count(session, vectors)
            num_entries = _count(session, _of_space(select(ENTRY.c.embedding), space))
            if num_entries != num_vectors:
                yield (
                    f"the vector index of space {space.space_id} holds {num_entries} vectors, the "
                    f"catalogue {num_vectors}"
                )

    def forget(self) -> None:
        """Enter every vector anew; the next compaction makes the graphs."""

        def work(session: Session) -> None:
            graphs.drop_all(session)
            session.execute(delete(ENTRY))  # TRUNCATE would empty the snapshots of readers too
            entries.fill(session, true())

        self._database.write(work)

    def close(self) -> None:
        """Nothing runs in the background."""

    def _ef(self, session: Session, space: StoredSpace, k: int, scope: Scope) -> int | None:
        """Say how many nearest rows the graph must find; ``None`` where a scan is better."""
        num_rows = graphs.num_rows_in(session, space)
        if num_rows is None:
            return None
        share = 1.0
        if scope != Scope():
            most = max(MOST_SCANNED_ROWS, int(MOST_SCANNED_SHARE * num_rows))
            allowed = _in_scope(
                _of_space(select(ENTRY.c.embedding), space), ENTRY.c.embedding, scope
            )
            num_allowed = _count(session, allowed.limit(most + 1))
            if num_allowed <= most:
                return None
            share = min(1.0, num_allowed / num_rows)
        if 2 * k > share * MOST_EF:
            return None
        return min(MOST_EF, round(max(EF_SEARCH, 2 * k) / share))

    def _nearest(
        self,
        session: Session,
        space: StoredSpace,
        query: NDArray[np.float32],
        k: int,
        scope: Scope,
        ef: int | None,
    ) -> list[VectorMatch]:
        if ef is not None:
            found = _follow(session, space, query, k, scope, ef)
            if len(found) == k:
                return found
        return _scan(session, space, query, k, scope)


def _scan(
    session: Session, space: StoredSpace, query: NDArray[np.float32], k: int, scope: Scope
) -> list[VectorMatch]:
    """Compare with every row; the untyped column is what no graph is over."""
    distance = _distance(ENTRY.c.vector, query).label("distance")
    statement = _of_space(select(ENTRY.c.embedding, distance), space)
    if scope != Scope():
        statement = _in_scope(statement, ENTRY.c.embedding, scope)
    return _matches(session, statement.order_by(distance, ENTRY.c.embedding).limit(k))


def _follow(
    session: Session,
    space: StoredSpace,
    query: NDArray[np.float32],
    k: int,
    scope: Scope,
    ef: int,
) -> list[VectorMatch]:
    """Take the nearest ``ef`` rows of the graph, and of these what is in scope."""
    distance = _distance(cast(ENTRY.c.vector, Vector(space.dimension)), query).label("distance")
    nearest = _of_space(select(ENTRY.c.embedding, distance), space).order_by(distance).limit(ef)
    near = nearest.cte("near").prefix_with("MATERIALIZED")
    statement = select(near.c.embedding, near.c.distance)
    if scope != Scope():
        statement = _in_scope(statement, near.c.embedding, scope)
    # With too few rows, or old statistics, the planner would sort them all.
    session.execute(text("SET LOCAL enable_sort = off"))
    session.execute(text(f"SET LOCAL hnsw.ef_search = {ef}"))
    found = _matches(session, statement.order_by(near.c.distance, near.c.embedding).limit(k))
    session.execute(text("SET LOCAL enable_sort TO DEFAULT"))
    return found


def _of_space(statement: Select[Any], space: StoredSpace) -> Select[Any]:
    """Say the space as a constant: a plan for any space could not use the graph of one."""
    return statement.where(ENTRY.c.space == literal(space.row, literal_execute=True))


def _in_scope(statement: Select[Any], row: ColumnElement[int], scope: Scope) -> Select[Any]:
    wanted = conditions(scope, EmbeddingRow.start_milliseconds, EmbeddingRow.end_milliseconds)
    return (
        statement.join(EmbeddingRow, EmbeddingRow.id == row)
        .join(ClipRow, ClipRow.id == EmbeddingRow.clip)
        .join(VideoRow, VideoRow.id == ClipRow.video)
        .outerjoin(EvidenceRow, EvidenceRow.id == EmbeddingRow.evidence)
        .where(*wanted)
    )


def _distance(vector: ColumnElement[Any], query: NDArray[np.float32]) -> ColumnElement[float]:
    """Negative inner product."""
    written = f"[{','.join(map(repr, query.tolist()))}]"
    return vector.op("<#>", return_type=Double())(cast(literal(written), Vector()))


def _matches(session: Session, statement: Select[Any]) -> list[VectorMatch]:
    return [VectorMatch(row, -distance) for row, distance in session.execute(statement)]


def _count(session: Session, statement: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(statement.subquery())) or 0
