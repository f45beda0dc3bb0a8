"""What every reader shares: rows with their places, and what a row must hold to be scored.

A reader of one row raises ``ValueError`` with what is wrong; ``at`` says where.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from cinedex.datasets.query import DatasetQuery
from store.errors import DatasetError
from store.json_values import JsonObject, items, parse_json
from store.timespan import TimeSpan

Row = TypeVar("Row")


@contextmanager
def at(place: str) -> Iterator[None]:
    """Name the place of what is wrong.

    Raises:
        DatasetError: In place of a ``ValueError``.
    """
    try:
        yield
    except ValueError as error:
        raise DatasetError(
            f"{place}: {error}; correct or delete it (docs/EVALUATION.md)"
        ) from error


def read_bytes(path: Path) -> bytes:
    """Read a file.

    Raises:
        DatasetError: It cannot be read.
    """
    try:
        return path.expanduser().read_bytes()
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error}); name a file that can") from error


def read_lines(path: Path) -> Iterator[tuple[str, bytes]]:
    """Read the lines of a file with their places; empty ones are passed over."""
    for number, line in enumerate(read_bytes(path).split(b"\n"), start=1):
        if line.strip():
            yield f"{path}, line {number}", line


def read_each(
    rows: Iterable[tuple[str, Row]], read: Callable[[Row], DatasetQuery]
) -> list[DatasetQuery]:
    """Read rows one by one.

    Args:
        rows: Places and contents.
        read: Reads one content.

    Raises:
        DatasetError: A row cannot be read, or has the id of another; says where.
    """
    queries: dict[str, DatasetQuery] = {}
    for place, row in rows:
        with at(place):
            query = read(row)
            if query.query_id in queries:
                raise ValueError(f"there is a query {query.query_id} already")
        queries[query.query_id] = query
    return list(queries.values())


def read_objects(
    path: Path, read: Callable[[JsonObject], DatasetQuery], *, is_strict: bool = False
) -> list[DatasetQuery]:
    """Read JSON Lines.

    Args:
        path: Of the file.
        read: Takes what it needs from one object.
        is_strict: A value that ``read`` did not take is an error.
    """

    def read_line(line: bytes) -> DatasetQuery:
        values = JsonObject(parse_json(line))
        query = read(values)
        if is_strict:
            values.close()
        return query

    return read_each(read_lines(path), read_line)


def read_mapping(path: Path) -> dict[str, object]:
    """Read a file that holds one JSON object, by key.

    Raises:
        DatasetError: It holds none.
    """
    with at(str(path)):
        document = parse_json(read_bytes(path))
        if not isinstance(document, dict):
            raise ValueError("an object was expected")
    return document


def words(value: object, name: str) -> str:
    """Return text with something to look for in it.

    Raises:
        ValueError: It is none.
    """
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name!r} is no text: {value!r:.80}")
    return value.strip()


def name_of(value: object, name: str) -> str:
    """Return an id, which some files write as a number.

    Raises:
        ValueError: It is neither text nor a whole number.
    """
    return str(value) if type(value) is int else words(value, name)


def span_of(value: object) -> TimeSpan:
    """Return a start and an end in seconds.

    Raises:
        ValueError: They are no two numbers, or the end is not after the start.
    """
    bounds = items(value, "span", length=2)
    if any(type(bound) not in (int, float) for bound in bounds):
        raise ValueError(f"a span is a start and an end in seconds, not {value!r:.80}")
    return seconds_between(*(float(str(bound)) for bound in bounds))


def seconds_between(start_seconds: float, end_seconds: float) -> TimeSpan:
    """Return a true span.

    Raises:
        ValueError: A bound is not finite or negative, or the end is not after the start.
    """
    if start_seconds >= end_seconds:
        raise ValueError(f"a span ends after it starts, not [{start_seconds}, {end_seconds}]")
    return TimeSpan(start_seconds, end_seconds)


def spans_of(value: object, name: str) -> tuple[TimeSpan, ...]:
    """Return a list of spans, which may be empty.

    Raises:
        ValueError: It is no such list.
    """
    return tuple(map(span_of, items(value, name)))
