"""Rows out of a damaged SQLite file, as many as can be read, into a whole one.

Tables are read in order of row id and by no index: an index may be what is damaged. Where a page
cannot be read, reading goes on with the first row after it that can; and what no table leads to any
more is looked for page by page. Nothing here says that what was read is right; the digests of the
videos do.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import (
    URL,
    Boolean,
    ColumnElement,
    Float,
    FromClause,
    Integer,
    LargeBinary,
    create_engine,
)

from store.backends.sqlite_file import with_suffix
from store.backends.sqlite_pages import Value, leaf_rows
from store.tables import Table

# Steps of one row each after an unreadable one (a page holds some hundred), then ever longer ones.
SMALL_STEPS = 2000
LAST_ROW = 1 << 40
# A publication's number is given anew; a damaged one might stand twice.
GIVEN_ANEW = "publication"


def rescue(damaged: Path, fresh: Path, into: Path) -> tuple[set[str], set[str]]:
    """Copy every row that can be read.

    Args:
        damaged: It is not changed.
        fresh: An empty catalogue: its columns stand in the order in which rows are stored.
        into: An empty file; it gets the tables of a catalogue.

    Returns:
        Tables of which rows may be missing, and ids of videos that only their index remembers.
    """
    engine = create_engine(URL.create("sqlite+pysqlite", database=str(into)))
    Table.metadata.create_all(engine)
    engine.dispose()
    with closing(sqlite3.connect(into)) as to:
        to.execute("PRAGMA synchronous = OFF")  # it does not outlive this process
        source = _opened(damaged)
        if source is None:
            missing, remembered = set(Table.metadata.tables), set()
        else:
            with closing(source):
                missing = {name for name in Table.metadata.tables if not _copy(source, to, name)}
                remembered = set(_video_ids_by_index(source))
        _tidy(damaged)
        if missing:
            _copy_from_pages(damaged, fresh, to, missing)
        return missing, remembered


def _opened(path: Path) -> sqlite3.Connection | None:
    """Open a file for reading, with its log or else without; ``None`` where it is no database."""
    for how in ("mode=ro", "immutable=1"):
        with suppress(sqlite3.Error):
            connection = sqlite3.connect(f"file:{quote(str(path))}?{how}", uri=True)
            connection.text_factory = _text
            # SQLite then takes a file that is shorter than it says, and a schema with holes.
            connection.execute("PRAGMA writable_schema = ON")
            if _columns(connection, "video"):
                return connection
            connection.close()
    return None


def _tidy(damaged: Path) -> None:
    """Delete what SQLite makes beside a file that it only reads."""
    log = with_suffix(damaged, "-wal")
    if log.exists() and not log.stat().st_size:
        log.unlink()
    with_suffix(damaged, "-shm").unlink(missing_ok=True)


def _copy(source: sqlite3.Connection, to: sqlite3.Connection, table: str) -> bool:
    """Copy what a table leads to; say whether it was all."""
    known = set(Table.metadata.tables[table].columns.keys()) - {GIVEN_ANEW}
    columns = [name for name in _columns(source, table) if name in known]
    if not columns:
        return False
    unread: list[int] = []
    read, before = 0, to.total_changes
    with to:
        for row in _rows(source, table, columns, unread):
            _insert(to, table, columns, row)
            read += 1
    return not unread and to.total_changes - before == read


def _copy_from_pages(damaged: Path, fresh: Path, to: sqlite3.Connection, tables: set[str]) -> None:
    """Copy rows of some tables that no table led to."""
    with closing(sqlite3.connect(fresh)) as model:
        stored = {table: _columns(model, table) for table in tables}
    with to:
        for row, values in leaf_rows(damaged):
            for table, columns in stored.items():
                if _fits(values, columns, Table.metadata.tables[table]):
                    found = dict(zip(columns, [row, *values[1:]], strict=False))
                    found.pop(GIVEN_ANEW, None)
                    _insert(to, table, list(found), list(found.values()))
                    break


def _insert(
    to: sqlite3.Connection, table: str, columns: Sequence[str], row: Sequence[object]
) -> None:
    into, values = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
    if GIVEN_ANEW in Table.metadata.tables[table].columns:
        into, values = f"{into}, {GIVEN_ANEW}", f"{values}, ?1"
    to.execute(f'INSERT OR IGNORE INTO "{table}" ({into}) VALUES ({values})', list(row))


def _fits(values: Sequence[Value], stored: Sequence[str], table: FromClause) -> bool:
    """Say whether values may be a row of a table; the id is not stored among them."""
    if not values or values[0] is not None or len(values) > len(stored):
        return False
    # A row that is older than a column ends before it.
    if any(name not in (GIVEN_ANEW, "content_digest") for name in stored[len(values) :]):
        return False
    kinds = (_kinds(table.columns[name]) for name in stored[1:])
    return all(isinstance(value, kind) for value, kind in zip(values[1:], kinds, strict=False))


def _kinds(column: ColumnElement[Any]) -> tuple[type, ...]:
    absent = (type(None),) if getattr(column, "nullable", False) else ()
    if isinstance(column.type, LargeBinary):
        return (bytes, *absent)
    if isinstance(column.type, (Integer, Boolean)):
        return (int, *absent)
    if isinstance(column.type, Float):
        return (int, float, *absent)
    # JSON and texts, which the catalogue's own type wraps.
    return (str, *absent)


def _rows(
    connection: sqlite3.Connection, table: str, columns: Sequence[str], unread: list[int]
) -> Iterator[tuple[object, ...]]:
    """Read a table; ``unread`` gets the id before each place that could not be read."""
    named = ", ".join(f'"{name}"' for name in columns)
    statement = f'SELECT {named} FROM "{table}" NOT INDEXED WHERE id > ? ORDER BY id'
    after: int | None = 0
    while after is not None:
        try:
            for row in connection.execute(statement, (after,)):
                after = max(after, row[0])
                yield row
            return
        except sqlite3.Error:
            unread.append(after)
            after = _next_readable(connection, f"{statement} LIMIT 1", after)


def _next_readable(connection: sqlite3.Connection, statement: str, after: int) -> int | None:
    """Find the id after which reading works again; ``None`` where nothing readable follows."""

    def follows(place: int) -> bool | None:
        try:
            return connection.execute(statement, (place,)).fetchone() is not None
        except sqlite3.Error:
            return None

    failed, step = after, 1
    while (found := follows(failed + step)) is None:
        failed += step
        step = step if failed - after < SMALL_STEPS else 2 * step
        if failed > LAST_ROW:
            return None
    works = failed + step
    while works - failed > 1:
        middle = (failed + works) // 2
        answer = follows(middle)
        if answer is None:
            failed = middle
        else:
            works, found = middle, answer
    return works if found else None


def _video_ids_by_index(connection: sqlite3.Connection) -> Iterator[str]:
    statement = "SELECT video_id FROM video INDEXED BY sqlite_autoindex_video_1"
    with suppress(sqlite3.Error):
        for (video_id,) in connection.execute(statement):
            yield str(video_id)


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    """Name a table's columns as they are stored, the id first; none where it is not there."""
    with suppress(sqlite3.Error):
        return [str(found[1]) for found in connection.execute(f'PRAGMA table_info("{table}")')]
    return []


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
