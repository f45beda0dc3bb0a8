"""HNSW graphs inside PostgreSQL: indexes over the older rows of a space in ``vector_entry``.

A graph holds the rows up to the latest when it was made, and says in its name which that was and
how many they were. So publishing adds to no graph (6 ms a vector, in the publishing transaction):
what came later is a tail that is scanned, until it is long enough for a new graph in the old one's
place. What was removed is not seen, and leaves with the next graph or when the server vacuums.

Made concurrently: a plain ``CREATE INDEX`` would stop every writer for the minutes that it takes.
The server works in a session of its own while this thread reports how far it is, and stops it where
the work is given up. What a stopped build leaves behind is not valid and goes with the next one.

Source: Malkov and Yashunin, Efficient and robust approximate nearest neighbor search using
Hierarchical Navigable Small World graphs, 2018; parameters by pgvector's names.
"""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from store.database import Database
from store.interfaces import OnRows, StoredSpace

# Twice as many at the lowest level.
LINKS = 24
EF_CONSTRUCTION = 128
# pgvector's own limit, of an index over ``vector``.
MOST_DIMENSIONS = 2000
NAME = "vector_entry_graph_"

POLL_SECONDS = 0.2
# A build waits for readers that began before it, twice; one that reads for longer puts it off.
PATIENCE_SECONDS = 30
# A graph that outgrows this memory is finished on disk, many times slower.
MOST_MEGABYTES = 2048
LEAST_MEGABYTES = 64
BYTES_PER_NUMBER, BYTES_PER_LINK, BYTES_PER_ROW = 4, 20, 200

_ALL = """
    SELECT relname, indisvalid FROM pg_class JOIN pg_index ON indexrelid = pg_class.oid
    WHERE indrelid = to_regclass('vector_entry') AND starts_with(relname, :prefix)
"""
_TAKE_TURN = "SELECT pg_try_advisory_lock(hashtext('cinedex graphs'), hashtext(current_schema()))"
_PROGRESS = "SELECT tuples_done FROM pg_stat_progress_create_index WHERE pid = :pid"


@dataclass(frozen=True, slots=True)
class Graph:
    """One that can be searched.

    Attributes:
        last_row: The latest row of ``embedding`` that it holds.
        num_rows: How many it held when it was made.
    """

    name: str
    last_row: int
    num_rows: int


@dataclass(frozen=True, slots=True)
class NewGraph:
    """One that is to be made; as ``Graph``."""

    space: StoredSpace
    last_row: int
    num_rows: int

    @property
    def name(self) -> str:
        """Of the index."""
        return f"{NAME}{self.space.row}_{self.last_row}_{self.num_rows}"


def find(session: Session, space: StoredSpace) -> Graph | None:
    """Find the graph of a space that holds most."""
    found = session.execute(text(_ALL), {"prefix": f"{NAME}{space.row}_"})
    graphs = [Graph(name, *map(int, name.split("_")[-2:])) for name, is_valid in found if is_valid]
    # The smaller of two over the same rows is the one made after some were removed.
    return max(graphs, key=lambda graph: (graph.last_row, -graph.num_rows), default=None)


def names(session: Session) -> set[str]:
    """List every graph, also those that cannot be searched."""
    return {name for name, _ in session.execute(text(_ALL), {"prefix": NAME})}


def replace(
    database: Database, kept: set[str], made: Mapping[str, NewGraph], on_rows: OnRows
) -> None:
    """Make graphs, then drop those that are neither made nor kept.

    Where another process is at it, nothing is done.

    Args:
        database: Of the catalogue.
        kept: Names.
        made: By name.
        on_rows: Told how far a graph is; what it raises stops the server too.
    """
    with database.committing() as connection:
        if not connection.scalar(text(_TAKE_TURN)):
            return
        try:
            connection.execute(text(f"SET lock_timeout = '{PATIENCE_SECONDS}s'"))
            _drop(connection, lambda name, is_valid: not is_valid)
            for graph in made.values():
                _build(database, connection, graph, on_rows)
            _drop(connection, lambda name, is_valid: name not in kept and name not in made)
        finally:  # at once: the server notices only in a while that the connection was closed
            with suppress(DBAPIError):
                connection.execute(text("SELECT pg_advisory_unlock_all()"))


def drop_all(session: Session) -> None:
    """Drop every graph, in the session's transaction."""
    for name in names(session):
        session.execute(text(f"DROP INDEX IF EXISTS {name}"))


def _drop(connection: Connection, is_wanted_away: Callable[[str, bool], bool]) -> None:
    for name, is_valid in connection.execute(text(_ALL), {"prefix": NAME}).all():
        if is_wanted_away(name, is_valid):
            connection.execute(text(f"DROP INDEX CONCURRENTLY IF EXISTS {name}"))


def _build(database: Database, connection: Connection, graph: NewGraph, on_rows: OnRows) -> None:
    space, num_rows = graph.space, graph.num_rows
    links_bytes = 2 * LINKS * BYTES_PER_LINK
    row_bytes = space.dimension * BYTES_PER_NUMBER + links_bytes + BYTES_PER_ROW
    megabytes = min(MOST_MEGABYTES, max(LEAST_MEGABYTES, num_rows * row_bytes >> 20))
    connection.execute(text(f"SET maintenance_work_mem = '{megabytes}MB'"))
    # Helpers would share that memory through /dev/shm, which containers keep small.
    connection.execute(text("SET max_parallel_maintenance_workers = 0"))
    statement = (
        f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {graph.name} ON vector_entry USING hnsw "
        f"((CAST(vector AS vector({space.dimension}))) vector_ip_ops) "
        f"WITH (m = {LINKS}, ef_construction = {EF_CONSTRUCTION}) "
        f"WHERE space = {space.row} AND embedding <= {graph.last_row}"
    )
    work = _Statement(connection, statement)
    try:
        while not work.is_done(POLL_SECONDS):
            on_rows(min(num_rows, _done(database, work.pid)), num_rows)
    except BaseException:
        work.cancel(database)
        raise
    work.finish()
    on_rows(num_rows, num_rows)


def _done(database: Database, pid: int) -> int:
    with database.reading() as session:
        return int(session.scalar(text(_PROGRESS), {"pid": pid}) or 0)


class _Statement:
    """One statement that runs in a thread, and can be cancelled."""

    def __init__(self, connection: Connection, statement: str) -> None:
        self._connection = connection
        self._statement = statement
        self.pid = int(connection.scalar(text("SELECT pg_backend_pid()")) or 0)
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="graph", daemon=True)
        self._thread.start()

    def is_done(self, patience_seconds: float) -> bool:
        """Wait a moment for the end."""
        self._thread.join(patience_seconds)
        return not self._thread.is_alive()

    def cancel(self, database: Database) -> None:
        """Stop it, and wait until it has."""
        # Again and again: what arrives before the statement began is lost.
        while not self.is_done(POLL_SECONDS):
            with database.reading() as session:
                session.execute(text("SELECT pg_cancel_backend(:pid)"), {"pid": self.pid})

    def finish(self) -> None:
        """Raise what went wrong."""
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            self._connection.execute(text(self._statement))
        except Exception as failure:
            self._failure = failure
