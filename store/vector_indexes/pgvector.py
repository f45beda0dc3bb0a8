"""Vector search inside PostgreSQL, by the pgvector extension.

The rows of ``vector_entry`` are written in the publishing transaction and belong to the snapshot of
whoever reads. Up to 100,000 vectors a space is scanned: exact. Above, a graph answers for the older
rows (``graphs.py``), and only what it can answer well: a scope is applied to the nearest thousand
at most, so a narrow one is scanned, and so is everything where the graph did not find enough.

Works from pgvector 0.5 on; what later versions added (``halfvec``, iterative scans) is not needed.
"""

from collections.abc import Iterator, Sequence
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

from store.catalogue import stored_spaces
from store.database import Database
from store.errors import RecallTooLowError
from store.interfaces import OnRows, Reading, StoredSpace, VectorMatch
from store.records import Scope
from store.scoping import conditions
from store.tables import ClipRow, EmbeddingRow, EvidenceRow, VideoRow
from store.vector_indexes import entries, graphs
from store.vector_indexes.entries import ENTRY, Vector
from store.vector_indexes.graphs import Graph, NewGraph

MOST_EXACT_ROWS = 100_000
MOST_SCANNED_SHARE = 0.3
MOST_SCANNED_ROWS = 100_000
EF_SEARCH = 128
# pgvector's own limit.
MOST_EF = 1000
# What was published after the graph was made is scanned; so much of it, or so much of the graph
# gone, then a new graph is due.
MOST_GONE_SHARE = 0.1
MOST_TAIL_SHARE = 0.1
MOST_TAIL_ROWS = 20_000
LEAST_TAIL_ROWS = 1000

Conditions = Sequence[ColumnElement[bool]]
"""What a vector's rows must satisfy; none where all may be found."""


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
        """Enter a video's vectors."""
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
        wanted = conditions(scope, EmbeddingRow, self._database.text_index)
        graph = graphs.find(session, space) if len(queries) else None
        ef = None if graph is None else _ef(session, space, graph, k, wanted)
        if graph is None or ef is None:
            return [_scan(session, space, query, k, wanted) for query in queries]
        return [_follow(session, space, query, k, wanted, graph, ef) for query in queries]

    def compact(self, reading: Reading, on_rows: OnRows, *, is_forced: bool) -> None:
        """Enter what is missing, then make the graphs that are due."""
        with reading() as session:
            is_behind = is_forced or entries.is_behind(session)
            is_behind = is_behind and session.scalar(
                select(EmbeddingRow.id).where(entries.missing()).limit(1)
            )
        if is_behind:
            self._database.write(lambda session: entries.fill(session, entries.missing(), on_rows))
        if is_forced:
            with self._database.committing() as connection:
                # Not the graph: that links every neighbour of what is gone anew.
                connection.execute(text("VACUUM (INDEX_CLEANUP OFF) vector_entry"))
        with reading() as session:
            found = {space: graphs.find(session, space) for space in stored_spaces(session)}
            due = [_due(session, space, graph) for space, graph in found.items()]
            made = {graph.name: graph for graph in due if isinstance(graph, NewGraph)}
            kept = {graph.name for graph in due if isinstance(graph, Graph)}
            is_done = not made and graphs.names(session) == kept
        if not is_done:
            graphs.replace(self._database, kept, made, on_rows)

    def quantise(self, reading: Reading) -> None:
        """Refuse: what pgvector keeps, it keeps as it is."""
        raise RecallTooLowError(
            "vectors inside PostgreSQL are not quantised; keep them in files to save their space"
        )

    def problems(self, session: Session) -> Iterator[str]:
        """Count the entries of every space against its vectors."""
        for space in stored_spaces(session):
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


def _due(session: Session, space: StoredSpace, graph: Graph | None) -> Graph | NewGraph | None:
    """Say which graph a space should have: the one it has, a new one or none."""
    if space.dimension > graphs.MOST_DIMENSIONS:
        return None
    rows = _of_space(select(ENTRY.c.embedding), space)
    if _count(session, rows.limit(MOST_EXACT_ROWS + 1)) <= MOST_EXACT_ROWS:
        return None
    if graph is not None:
        tail = _count(session, rows.where(ENTRY.c.embedding > graph.last_row))
        gone = graph.num_rows - _count(session, rows.where(ENTRY.c.embedding <= graph.last_row))
        share = int(MOST_TAIL_SHARE * graph.num_rows)
        is_short = tail <= min(MOST_TAIL_ROWS, max(LEAST_TAIL_ROWS, share))
        if is_short and gone <= MOST_GONE_SHARE * graph.num_rows:
            return graph
    last_row = session.scalar(rows.order_by(ENTRY.c.embedding.desc()).limit(1)) or 0
    return NewGraph(space, last_row, _count(session, rows))


def _ef(
    session: Session, space: StoredSpace, graph: Graph, k: int, wanted: Conditions
) -> int | None:
    """Say how many nearest rows the graph must find; ``None`` where a scan is better."""
    share = 1.0
    if wanted:
        most = max(MOST_SCANNED_ROWS, int(MOST_SCANNED_SHARE * graph.num_rows))
        rows = _of_space(select(ENTRY.c.embedding), space)
        allowed = _in_scope(rows, ENTRY.c.embedding, wanted).limit(most + 1)
        num_allowed = _count(session, allowed.where(ENTRY.c.embedding <= graph.last_row))
        if num_allowed <= most:
            return None
        share = min(1.0, num_allowed / graph.num_rows)
    if 2 * k > share * MOST_EF:
        return None
    return min(MOST_EF, round(max(EF_SEARCH, 2 * k) / share))


def _scan(
    session: Session,
    space: StoredSpace,
    query: NDArray[np.float32],
    k: int,
    wanted: Conditions,
    after_row: int = 0,
) -> list[VectorMatch]:
    """Compare with every row; the untyped column is what no graph is over."""
    distance = _distance(ENTRY.c.vector, query).label("distance")
    statement = _of_space(select(ENTRY.c.embedding, distance), space)
    if after_row:
        statement = statement.where(ENTRY.c.embedding > after_row)
    if wanted:
        statement = _in_scope(statement, ENTRY.c.embedding, wanted)
    return _matches(session, statement.order_by(distance, ENTRY.c.embedding).limit(k))


def _follow(
    session: Session,
    space: StoredSpace,
    query: NDArray[np.float32],
    k: int,
    wanted: Conditions,
    graph: Graph,
    ef: int,
) -> list[VectorMatch]:
    """Take the nearest ``ef`` rows of the graph, of these what is in scope, and scan the tail."""
    distance = _distance(cast(ENTRY.c.vector, Vector(space.dimension)), query).label("distance")
    held = ENTRY.c.embedding <= literal(graph.last_row, literal_execute=True)
    nearest = _of_space(select(ENTRY.c.embedding, distance), space).where(held)
    near = nearest.order_by(distance).limit(ef).cte("near").prefix_with("MATERIALIZED")
    statement = select(near.c.embedding, near.c.distance)
    if wanted:
        statement = _in_scope(statement, near.c.embedding, wanted)
    # Where there are few rows, or statistics are old, the planner would sort them all; and where
    # sorting is priced out, it would compile what runs for some milliseconds.
    session.execute(
        text(f"SET LOCAL enable_sort = off; SET LOCAL jit = off; SET LOCAL hnsw.ef_search = {ef}")
    )
    found = _matches(session, statement.order_by(near.c.distance, near.c.embedding).limit(k))
    session.execute(text("SET LOCAL enable_sort TO DEFAULT; SET LOCAL jit TO DEFAULT"))
    if len(found) < k:
        return _scan(session, space, query, k, wanted)
    found += _scan(session, space, query, k, wanted, after_row=graph.last_row)
    return sorted(found, key=lambda match: (-match.score, match.row))[:k]


def _of_space(statement: Select[Any], space: StoredSpace) -> Select[Any]:
    """Say the space as a constant: a plan for any space could not use the graph of one."""
    return statement.where(ENTRY.c.space == literal(space.row, literal_execute=True))


def _in_scope(statement: Select[Any], row: ColumnElement[int], wanted: Conditions) -> Select[Any]:
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
