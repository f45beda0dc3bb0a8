"""HNSW graphs inside PostgreSQL, one index over the rows of a space in ``vector_entry``.

Made concurrently: a plain ``CREATE INDEX`` would stop every writer for the minutes that it takes.
The server works in a session of its own while this thread reports how far it is, and stops it where
the work is given up. What a stopped build leaves behind is not valid and goes with the next one.

Source: Malkov and Yashunin, Efficient and robust approximate nearest neighbor search using
Hierarchical Navigable Small World graphs, 2018; parameters by pgvector's names.
"""

import threading
from collections.abc import Collection, Mapping

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from store.database import Database
from store.interfaces import OnRows, StoredSpace

# Twice as many at the lowest level; at 20,000 clustered vectors 16 is not enough for a recall of
# 0.99 with EF_SEARCH.
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

_NUM_ROWS = """
    SELECT reltuples FROM pg_class JOIN pg_index ON indexrelid = pg_class.oid
    WHERE pg_class.oid = to_regclass(:name) AND indisvalid
"""
_ALL = """
    SELECT relname, indisvalid FROM pg_class JOIN pg_index ON indexrelid = pg_class.oid
    WHERE indrelid = to_regclass('vector_entry') AND starts_with(relname, :prefix)
"""
_TAKE_TURN = "SELECT pg_try_advisory_lock(hashtext('cinedex graphs'), hashtext(current_schema()))"
_PROGRESS = "SELECT tuples_done FROM pg_stat_progress_create_index WHERE pid = :pid"


def num_rows_in(session: Session, space: StoredSpace) -> int | None:
    """Say about how many rows the graph of a space holds; ``None`` where there is none."""
    found = session.scalar(text(_NUM_ROWS), {"name": _name(space)})
    return None if found is None else max(0, int(found))


def are_made(session: Session, wanted: Collection[StoredSpace]) -> bool:
    """Say whether these spaces, and no others, have a graph."""
    found = session.execute(text(_ALL), {"prefix": NAME})
    return {(name, is_valid) for name, is_valid in found} == {
        (_name(space), True) for space in wanted
    }


def make(database: Database, wanted: Mapping[StoredSpace, int], on_rows: OnRows) -> None:
    """Make the graphs that are missing, and drop those that are not wanted.

    Where another process is at it, nothing is done.

    Args:
        database: Of the catalogue.
        wanted: Spaces that should have one, and how many rows they have.
        on_rows: Told how far a graph is; what it raises stops the server too.
    """
    with database.committing() as connection:
        if not connection.scalar(text(_TAKE_TURN)):
            return
        found = connection.execute(text(_ALL), {"prefix": NAME}).all()
        names = {_name(space) for space in wanted}
        made = {name for name, is_valid in found if is_valid and name in names}
        connection.execute(text(f"SET lock_timeout = '{PATIENCE_SECONDS}s'"))
        for name, _ in found:
            if name not in made:
                connection.execute(text(f"DROP INDEX CONCURRENTLY IF EXISTS {name}"))
        for space, num_rows in wanted.items():
            if _name(space) not in made:
                _build(database, connection, space, num_rows, on_rows)


def drop_all(session: Session) -> None:
    """Drop every graph, in the session's transaction."""
    for name, _ in session.execute(text(_ALL), {"prefix": NAME}).all():
        session.execute(text(f"DROP INDEX IF EXISTS {name}"))


def _name(space: StoredSpace) -> str:
    return f"{NAME}{space.row}"


def _build(
    database: Database,
    connection: Connection,
    space: StoredSpace,
    num_rows: int,
    on_rows: OnRows,
) -> None:
    links = 2 * LINKS * BYTES_PER_LINK
    row_bytes = space.dimension * BYTES_PER_NUMBER + links + BYTES_PER_ROW
    megabytes = min(MOST_MEGABYTES, max(LEAST_MEGABYTES, num_rows * row_bytes >> 20))
    connection.execute(text(f"SET maintenance_work_mem = '{megabytes}MB'"))
    # Helpers would share that memory through /dev/shm, which containers keep small.
    connection.execute(text("SET max_parallel_maintenance_workers = 0"))
    statement = (
        f"CREATE INDEX CONCURRENTLY {_name(space)} ON vector_entry USING hnsw "
        f"((CAST(vector AS vector({space.dimension}))) vector_ip_ops) "
        f"WITH (m = {LINKS}, ef_construction = {EF_CONSTRUCTION}) WHERE space = {space.row}"
    )
    work = _Statement(connection, statement)
    try:
        while not work.is_done(POLL_SECONDS):
            on_rows(min(num_rows, _done(database, work.pid)), num_rows)
    except BaseException:
        work.cancel()
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
        self._driver = connection.connection.driver_connection
        self.pid = int(connection.scalar(text("SELECT pg_backend_pid()")) or 0)
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="graph", daemon=True)
        self._thread.start()

    def is_done(self, patience_seconds: float) -> bool:
        """Wait a moment for the end."""
        self._thread.join(patience_seconds)
        return not self._thread.is_alive()

    def cancel(self) -> None:
        """Stop it, and wait until it has."""
        if self._driver is not None and self._thread.is_alive():
            self._driver.cancel()
        self._thread.join()

    def finish(self) -> None:
        """Raise what went wrong."""
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            self._connection.execute(text(self._statement))
        except Exception as failure:
            self._failure = failure
