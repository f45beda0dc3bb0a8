"""Charades-STA: a line of text for each query, with one moment."""

from pathlib import Path

from cinedex.datasets.query import DatasetQuery
from cinedex.datasets.rows import at, read_lines, seconds_between, words

SEPARATOR = "##"


def read_charades(path: Path) -> list[DatasetQuery]:
    """Read ``charades_sta_test.txt`` or a file like it.

    A line is ``VIDEO START END##sentence``. Queries have no ids there; theirs are the
    numbers of their lines, from 1.

    Raises:
        DatasetError: A line is not as it should be; says which.

    Source:
        Gao et al., "TALL: Temporal Activity Localization via Language Query", ICCV 2017.
    """
    queries = []
    for place, line in read_lines(path):
        with at(place):
            queries.append(_read(line.decode(), place.rpartition(" ")[2]))
    return queries


def _read(line: str, query_id: str) -> DatasetQuery:
    where, separator, text = line.partition(SEPARATOR)
    parts = where.split()
    if not separator or len(parts) != 3:
        raise ValueError(f"'VIDEO START END{SEPARATOR}sentence' was expected, not {line!r:.80}")
    video, start, end = parts
    return DatasetQuery(
        query_id=query_id,
        text=words(text, "sentence"),
        video=video,
        spans=(seconds_between(float(start), float(end)),),
    )
