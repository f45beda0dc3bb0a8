"""NExT-GQA: questions with five choices in a table, their moments in a file beside it."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from cinedex.datasets.query import DatasetQuery
from cinedex.datasets.rows import at, read_bytes, read_each, read_mapping, spans_of, words
from store.json_values import JsonObject
from store.timespan import TimeSpan

COLUMNS = ("video_id", "qid", "question", "answer")
CHOICES = ("a0", "a1", "a2", "a3", "a4")


def read_nextgqa(path: Path) -> list[DatasetQuery]:
    """Read ``test.csv`` with ``gsub_test.json``, or files named like them.

    The id of a question is its video's and its own: ``4882821564_1``. A question without moments
    says nothing of spans.

    Raises:
        DatasetError: A line is not as it should be; says which.

    Source:
        Xiao et al., "Can I Trust Your Answer? Visually Grounded Video Question Answering", CVPR
        2024; ``datasets/nextgqa`` of NExT-GQA.
    """
    spans = _read_spans(path.with_name(f"gsub_{path.stem}.json"))
    return read_each(_rows(path), lambda row: _read(row, spans))


def _rows(path: Path) -> list[tuple[str, dict[str, str | None]]]:
    """Read the table; what is no table is refused whole.

    Raises:
        DatasetError: It cannot be read, or lacks a column.
    """
    with at(str(path)):
        written = read_bytes(path).decode("utf-8-sig")
        table = csv.DictReader(io.StringIO(written, newline=""))
        try:
            missing = {*COLUMNS, *CHOICES} - set(table.fieldnames or ())
            rows = [(f"{path}, line {table.line_num}", row) for row in table]
        except csv.Error as error:
            raise ValueError(f"after line {table.line_num}: {error}") from error
        if missing:
            raise ValueError(f"there is no column {', '.join(sorted(missing))}")
    return rows


def _read_spans(path: Path) -> dict[str, tuple[TimeSpan, ...]]:
    """Read the moments of all questions by their ids."""
    spans = {}
    for video, row in read_mapping(path).items():
        with at(f"{path}, video {video}"):
            location = JsonObject(row).take("location")
            if not isinstance(location, dict):
                raise ValueError("'location' is no object")
            for number, listed in location.items():
                spans[f"{video}_{number}"] = spans_of(listed, f"spans of {number}")
    return spans


def _read(row: Mapping[str, str | None], spans: Mapping[str, tuple[TimeSpan, ...]]) -> DatasetQuery:
    video, number, question, answer = (words(row[name], name) for name in COLUMNS)
    choices = tuple(words(row[name], name) for name in CHOICES)
    if answer not in choices:
        raise ValueError(f"the answer {answer!r} is none of the choices")
    query_id = f"{video}_{number}"
    return DatasetQuery(
        query_id=query_id,
        text=question,
        video=video,
        spans=spans.get(query_id) or None,
        choices=choices,
        answer=choices.index(answer),
    )
