"""Rows out of the pages of an SQLite file, whatever leads to them.

Where the root of a table is lost, its leaves still hold the rows; each names its own id. Pages that
SQLite holds for free are left out: what was deleted stays deleted.

Source: "Database File Format", sqlite.org/fileformat2.html, sections 1.5 and 1.6 (free pages,
b-tree pages), 2.1 (records). The log is not read.
"""

import mmap
import struct
from collections.abc import Iterator
from pathlib import Path

MAGIC = b"SQLite format 3\0"
PAGE_BYTES = 4096  # of every catalogue; the header may be lost
FREE_TRUNK_AT = 32
LEAF_OF_TABLE, LEAF_HEADER_BYTES = 0x0D, 8
FIRST_TEXT, FIRST_BLOB, ONE, ZERO, FLOAT = 13, 12, 9, 8, 7
INTEGER_BYTES = (0, 1, 2, 3, 4, 6, 8)

Value = int | float | str | bytes | None


def leaf_rows(path: Path) -> Iterator[tuple[int, list[Value]]]:
    """Read every row of every table: its id and its values as they are stored."""
    if not path.stat().st_size:
        return
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
    ):
        free = _free_pages(data)
        for number in range(1, len(data) // PAGE_BYTES + 1):
            start = (number - 1) * PAGE_BYTES
            if number not in free and data[start] == LEAF_OF_TABLE:
                yield from _rows(data, start)


def _rows(data: mmap.mmap, start: int) -> Iterator[tuple[int, list[Value]]]:
    page = data[start : start + PAGE_BYTES]
    num_cells = _integer(page[3:5])
    for at in range(LEAF_HEADER_BYTES, LEAF_HEADER_BYTES + 2 * num_cells, 2):
        try:
            num_bytes, place = _varint(page, _integer(page[at : at + 2]))
            row, place = _varint(page, place)
            yield row, _values(_payload(data, page, place, num_bytes))
        except (IndexError, ValueError, struct.error):
            continue


def _payload(data: mmap.mmap, page: bytes, place: int, num_bytes: int) -> bytes:
    """Put a row's bytes together; what a page cannot hold goes on in others."""
    if num_bytes > len(data):
        raise ValueError("longer than the file")
    most, least = PAGE_BYTES - 35, (PAGE_BYTES - 12) * 32 // 255 - 23
    here = least + (num_bytes - least) % (PAGE_BYTES - 4)
    here = num_bytes if num_bytes <= most else here if here <= most else least
    parts = [page[place : place + here]]
    left = num_bytes - here
    following = _integer(page[place + here : place + here + 4]) if left else 0
    while left > 0:
        start = (following - 1) * PAGE_BYTES
        if start < 0 or start >= len(data):
            raise ValueError("no such page")
        following = _integer(data[start : start + 4])
        parts.append(data[start + 4 : start + 4 + min(left, PAGE_BYTES - 4)])
        left -= PAGE_BYTES - 4
    return b"".join(parts)


def _values(record: bytes) -> list[Value]:
    header_bytes, at = _varint(record, 0)
    place = header_bytes
    values = []
    while at < header_bytes:
        kind, at = _varint(record, at)
        value, place = _value(record, kind, place)
        values.append(value)
    return values


def _value(record: bytes, kind: int, place: int) -> tuple[Value, int]:
    if kind >= FIRST_BLOB:
        end = place + (kind - FIRST_BLOB) // 2
        if end > len(record):
            raise ValueError("a value ends after its row")
        content = record[place:end]
        return (content.decode("utf-8", "replace") if kind % 2 else content), end
    if kind in (ZERO, ONE):
        return kind - ZERO, place
    if kind == FLOAT:
        return struct.unpack_from(">d", record, place)[0], place + 8
    end = place + INTEGER_BYTES[kind]
    return (int.from_bytes(record[place:end], "big", signed=True) if kind else None), end


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(at, at + 8):
        value = value << 7 | data[place] & 0x7F
        if data[place] < 0x80:
            return value, place + 1
    return value << 8 | data[at + 8], at + 9


def _free_pages(data: mmap.mmap) -> set[int]:
    found: set[int] = set()
    trunk = _integer(data[FREE_TRUNK_AT : FREE_TRUNK_AT + 4]) if data[:16] == MAGIC else 0
    while 0 < trunk <= len(data) // PAGE_BYTES and trunk not in found:
        found.add(trunk)
        page = data[(trunk - 1) * PAGE_BYTES : trunk * PAGE_BYTES]
        trunk, num_leaves = struct.unpack_from(">II", page)
        places = range(8, min(8 + 4 * num_leaves, PAGE_BYTES), 4)
        found.update(_integer(page[place : place + 4]) for place in places)
    return found


def _integer(content: bytes) -> int:
    return int.from_bytes(content, "big")
