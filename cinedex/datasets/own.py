"""Our own format: JSON Lines for queries and questions of one's own."""

from pathlib import Path

from cinedex.datasets.query import DatasetQuery
from cinedex.datasets.rows import name_of, read_objects, spans_of, words
from store.json_values import JsonObject

LEAST_CHOICES = 2


def read_own(path: Path) -> list[DatasetQuery]:
    """Read JSON Lines as ``docs/EVALUATION.md`` shows them; keys that it does not name are errors.

    Raises:
        DatasetError: A line is not as it should be; says which.
    """
    return read_objects(path, _read, is_strict=True)


def _read(row: JsonObject) -> DatasetQuery:
    spans = spans_of(row.take("spans"), "spans") if row.has("spans") else None
    video = words(row.take("video"), "video") if row.has("video") else None
    if spans and video is None:
        raise ValueError("'video' is missing, and 'spans' lie in one")
    choices = _choices(row) if row.has("choices") else ()
    if row.has("answer") and not choices:
        raise ValueError("'choices' is missing, and 'answer' is the number of one, from 0")
    return DatasetQuery(
        query_id=name_of(row.take("id"), "id"),
        text=words(row.take("query"), "query"),
        video=video,
        spans=spans,
        choices=choices,
        answer=row.integer("answer", most=len(choices) - 1) if row.has("answer") else None,
    )


def _choices(row: JsonObject) -> tuple[str, ...]:
    choices = tuple(words(choice, "choice") for choice in row.items("choices"))
    if len(choices) < LEAST_CHOICES:
        raise ValueError(f"'choices' are {LEAST_CHOICES} or more")
    return choices
