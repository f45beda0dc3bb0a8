"""The table ``vector_entry``: the catalogue's vectors once more, as pgvector's type.

Apart from the migrations because it exists only where ``library.toml`` says so; it is made when
such a library is opened, and filled from ``embedding``, which stays the truth. One table for all
spaces, its column without a dimension: a new space then needs no DDL in the publishing transaction,
one foreign key deletes what is gone, and a graph is an index over the rows of one space.

Rows are copied in PostgreSQL's binary form: halves fit into pgvector's float32 unchanged, and
numpy writes thousands of rows at once where text would be formatted and parsed number by number.
"""

from collections.abc import Iterator

import numpy as np
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Integer,
    MetaData,
    Table,
    exists,
    func,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.types import UserDefinedType

from store.catalogue import stored_spaces
from store.errors import ConfigError, LibraryDamagedError
from store.interfaces import OnRows, StoredSpace
from store.tables import ClipRow, EmbeddingRow, SpaceRow

ROWS_PER_BATCH = 8192

_IntColumn = ColumnElement[int] | InstrumentedAttribute[int]


class Vector(UserDefinedType[str]):
    """pgvector's type; values go in as text."""

    cache_ok = True

    def __init__(self, dimension: int | None = None) -> None:
        self.dimension = dimension

    def get_col_spec(self, **_: object) -> str:
        """Name the type in SQL."""
        return "vector" if self.dimension is None else f"vector({self.dimension})"


ENTRY = Table(
    "vector_entry",
    MetaData(),
    Column("embedding", BigInteger, primary_key=True),
    Column("space", Integer, nullable=False),
    Column("vector", Vector(), nullable=False),
)
# A vector of up to 2000 numbers stays in its row: one that is moved out is read by a second search.
_CREATE = (
    """
    CREATE TABLE vector_entry (
        embedding BIGINT PRIMARY KEY REFERENCES embedding (id) ON DELETE CASCADE,
        space INTEGER NOT NULL,
        vector vector NOT NULL
    ) WITH (toast_tuple_target = 8160)
    """,
    "CREATE INDEX vector_entry_space ON vector_entry (space, embedding)",
)
_COPY = "COPY vector_entry (embedding, space, vector) FROM STDIN (FORMAT BINARY)"
_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_END = b"\xff\xff"


def is_there(session: Session) -> bool:
    """Say whether the table was made."""
    return bool(session.scalar(text("SELECT to_regclass('vector_entry') IS NOT NULL")))


def create(session: Session, place: str) -> None:
    """Make the extension and the table, unless they are there.

    Raises:
        ConfigError: The server has no pgvector, or one without HNSW.
    """
    _require_extension(session, place)
    if not is_there(session):
        for statement in _CREATE:
            session.execute(text(statement))


def is_behind(session: Session) -> bool:
    """Say whether the latest vector of a space has no entry; told at once, without counting.

    That is so after another index was in use. ``missing`` looks at every row.
    """
    latest = select(SpaceRow.id, _latest(EmbeddingRow.space, EmbeddingRow.id))
    entered = select(SpaceRow.id, _latest(ENTRY.c.space, ENTRY.c.embedding))
    return set(session.execute(latest)) != set(session.execute(entered))


def missing() -> ColumnElement[bool]:
    """Say of a row of ``embedding`` that it has no entry."""
    return ~exists().where(ENTRY.c.embedding == EmbeddingRow.id)


def of_video(video: int) -> ColumnElement[bool]:
    """Say of a row of ``embedding`` that it belongs to a video (by row id)."""
    return EmbeddingRow.clip.in_(select(ClipRow.id).where(ClipRow.video == video))


def fill(session: Session, condition: ColumnElement[bool], on_rows: OnRows | None = None) -> None:
    """Enter those vectors of the catalogue for which ``condition`` holds.

    Raises:
        LibraryDamagedError: A vector has not its space's length.
    """
    wanted = stored_spaces(session)
    total = 0
    if on_rows is not None:
        total = session.scalar(select(func.count()).select_from(EmbeddingRow).where(condition)) or 0
    done = 0
    for space in wanted:
        for ids, codes in _batches(session, space, condition):
            _copy(session, _binary(space, ids, codes))
            done += len(ids)
            if on_rows is not None:
                on_rows(done, total)


def _latest(space: _IntColumn, row: _IntColumn) -> ColumnElement[int]:
    return select(func.max(row)).where(space == SpaceRow.id).scalar_subquery()


def _require_extension(session: Session, place: str) -> None:
    installed, available = session.execute(
        text(
            "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'vector'), "
            "EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector')"
        )
    ).one()
    if not installed and not available:
        raise ConfigError(
            f"the server of {place} has no pgvector; install it there (Debian: apt install "
            "postgresql-NN-pgvector), or keep vectors in files"
        )
    if not installed:
        session.execute(text("CREATE EXTENSION vector"))
    if session.scalar(text("SELECT to_regtype('vector') IS NULL")):
        raise ConfigError(
            f"pgvector is installed in a schema that {place} does not search; run: ALTER EXTENSION "
            "vector SET SCHEMA public, and have public in the search_path"
        )
    if not session.scalar(text("SELECT EXISTS (SELECT FROM pg_am WHERE amname = 'hnsw')")):
        raise ConfigError(
            f"the pgvector of {place} is older than 0.5 and has no HNSW; install a newer one and "
            "run: ALTER EXTENSION vector UPDATE"
        )


def _batches(
    session: Session, space: StoredSpace, condition: ColumnElement[bool]
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Read row ids and ``(N, D)`` vectors, some thousands at a time."""
    statement = (
        select(EmbeddingRow.id, EmbeddingRow.vector)
        .where(EmbeddingRow.space == space.row, condition)
        .order_by(EmbeddingRow.id)
        .limit(ROWS_PER_BATCH)
    )
    last = 0
    while rows := session.execute(statement.where(EmbeddingRow.id > last)).all():
        ids, vectors = zip(*rows, strict=True)
        codes = np.frombuffer(b"".join(vectors), "<f2")
        if codes.size != len(ids) * space.dimension:
            raise LibraryDamagedError(
                f"the catalogue holds vectors of the wrong length in space {space.space_id}; run "
                "`cinedex check --repair`"
            )
        yield np.array(ids), codes.reshape(len(ids), space.dimension)
        last = ids[-1]


def _binary(space: StoredSpace, ids: np.ndarray, codes: np.ndarray) -> bytes:
    """Write rows as ``COPY`` reads them: each value after its length in bytes, big-endian."""
    dimension = codes.shape[1]
    layout = [
        ("num_fields", ">i2"),
        ("embedding_bytes", ">i4"),
        ("embedding", ">i8"),
        ("space_bytes", ">i4"),
        ("space", ">i4"),
        ("vector_bytes", ">i4"),
        ("dimension", ">i2"),
        ("unused", ">i2"),
        ("vector", ">f4", (dimension,)),
    ]
    rows = np.zeros(len(ids), np.dtype(layout))
    rows["num_fields"] = 3
    rows["embedding_bytes"], rows["embedding"] = 8, ids
    rows["space_bytes"], rows["space"] = 4, space.row
    rows["vector_bytes"] = 4 + 4 * dimension
    rows["dimension"], rows["vector"] = dimension, codes
    return rows.tobytes()


def _copy(session: Session, rows: bytes) -> None:
    from psycopg import Connection, Error

    driver = session.connection().connection.driver_connection
    if not isinstance(driver, Connection):
        raise TypeError("vectors are copied over a connection of psycopg")
    try:
        with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.write(_COPY_HEADER + rows + _COPY_END)
    except Error as error:
        raise DBAPIError(_COPY, None, error) from error
