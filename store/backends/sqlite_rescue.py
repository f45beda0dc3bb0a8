"""Rows out of a damaged SQLite file, as many as can be read.

Tables are read in order of row id and by no index: an index may be what is damaged. Where a page
cannot be read, reading goes on with the first row after it that can. Nothing here says that what
was read is right; the digests of the videos do.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

# Steps of one row each after an unreadable one (a page holds some hundred), then ever longer ones.
SMALL_STEPS = 2000
LAST_ROW = 1 << 40
PAGE_SIZE_AT, NUM_PAGES_AT, FREE_PAGES_AT = 16, 28, 32
HEADER_BYTES, INTERIOR_PAGE, INTERIOR_HEADER_BYTES = 100, 0x05, 12
LONG_BYTES = 4


def open_damaged(path: Path, tables: frozenset[str]) -> sqlite3.Connection | None:
    """Open a file for reading, with its log or else without; ``None`` where it lacks a table."""
    for how in ("mode=ro", "immutable=1"):
        with suppress(sqlite3.Error):
            connection = sqlite3.connect(f"file:{quote(str(path))}?{how}", uri=True)
            connection.text_factory = _text
            if _is_readable(connection, tables):
                return connection
            connection.close()
    return None


def rows(
    connection: sqlite3.Connection, table: str, columns: tuple[str, ...], unread: list[str]
) -> Iterator[tuple[object, ...]]:
    """Read a table.

    Args:
        connection: Of the damaged file.
        table: It has ``id`` for its row id.
        columns: The first is ``id``.
        unread: Gets the table's name for each place that could not be read.
    """
    named = ", ".join(f'"{name}"' for name in columns)
    statement = f'SELECT {named} FROM "{table}" NOT INDEXED WHERE id > ? ORDER BY id'
    after = 0
    while True:
        try:
            for row in connection.execute(statement, (after,)):
                after = max(after, row[0])
                yield row
            return
        except sqlite3.Error:
            unread.append(table)
            further = _next_readable(connection, f"{statement} LIMIT 1", after)
            if further is None:
                return
            after = further


def graft_schema(damaged: Path, fresh: Path) -> None:
    """Put the first page and those of the schema of an empty catalogue into a damaged file.

    Catalogues made by one version of cinedex have their schema and the roots of their tables on
    the same pages, so a file whose beginning is lost can be read with the beginning of another.
    Where that is wrong nothing comes of it: no digest will be right.
    """
    with fresh.open("rb") as source, damaged.open("r+b") as file:
        first = bytearray(source.read(HEADER_BYTES))
        page_bytes = int.from_bytes(first[PAGE_SIZE_AT : PAGE_SIZE_AT + 2], "big")
        source.seek(0)
        first = bytearray(source.read(page_bytes))
        num_pages = file.seek(0, 2) // page_bytes
        first[NUM_PAGES_AT:FREE_PAGES_AT] = num_pages.to_bytes(LONG_BYTES, "big")
        first[FREE_PAGES_AT : FREE_PAGES_AT + 2 * LONG_BYTES] = bytes(2 * LONG_BYTES)
        pages = {1: bytes(first)}
        for number in _children(first):
            source.seek((number - 1) * page_bytes)
            pages[number] = source.read(page_bytes)
        for number, content in pages.items():
            file.seek((number - 1) * page_bytes)
            file.write(content)


def video_ids_by_index(connection: sqlite3.Connection) -> Iterator[str]:
    """Read the ids of videos out of their index, which may know more than the table does."""
    statement = "SELECT video_id FROM video INDEXED BY sqlite_autoindex_video_1"
    with suppress(sqlite3.Error):
        for (video_id,) in connection.execute(statement):
            yield str(video_id)


def columns_of(connection: sqlite3.Connection, table: str) -> set[str]:
    """Name the columns that a table has."""
    with closing(connection.execute(f'PRAGMA table_info("{table}")')) as found:
        return {str(column[1]) for column in found}


def _is_readable(connection: sqlite3.Connection, tables: frozenset[str]) -> bool:
    # SQLite then takes a file that is shorter than it says, and a schema with holes.
    connection.execute("PRAGMA writable_schema = ON")
    try:
        return all(columns_of(connection, table) for table in tables)
    except sqlite3.Error:
        return False


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


def _children(page: bytes | bytearray) -> list[int]:
    """Name the pages below the first one."""
    kind = page[HEADER_BYTES]
    if kind != INTERIOR_PAGE:
        return []
    num_cells = int.from_bytes(page[HEADER_BYTES + 3 : HEADER_BYTES + 5], "big")
    start = HEADER_BYTES + INTERIOR_HEADER_BYTES
    places = [
        int.from_bytes(page[at : at + 2], "big") for at in range(start, start + 2 * num_cells, 2)
    ]
    places.append(HEADER_BYTES + 8)  # the page to the right of all cells
    return [int.from_bytes(page[at : at + LONG_BYTES], "big") for at in places]


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
