"""Queries to be judged, from a text file: one a line, and ``#`` before what is none."""

from pathlib import Path

from cinedex.datasets.rows import at, read_lines
from store.errors import DatasetError


def read_queries(path: Path) -> list[str]:
    """Read the queries of a file.

    Raises:
        DatasetError: It cannot be read, or holds none.
    """
    queries = []
    for place, line in read_lines(path):
        with at(place):
            query = line.decode("utf-8-sig").strip()
        if not query.startswith("#"):
            queries.append(query)
    if not queries:
        raise DatasetError(f"{path} holds no query; write one on each line")
    return queries
