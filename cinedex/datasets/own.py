"""Our own format: JSON Lines for queries and questions of one's own."""

from pathlib import Path

from cinedex.datasets.query import DatasetQuery
from cinedex.datasets.rows import name_of, read_objects, spans_of, words
from store.json_values import JsonObject
from store.scope_values import read_scope
from store.timespan import TimeSpan

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
    elsewhere = _by_video(row, "elsewhere")
    if elsewhere and not spans:
        raise ValueError("'elsewhere' is what satisfies the query beside 'spans'; name those first")
    if video in elsewhere:
        raise ValueError(f"'elsewhere' names the query's own video, {video}")
    _by_video(row, "wrong_spans")  # checked; no measure asks for them
    choices = _texts(row, "choices", LEAST_CHOICES)
    answers = _texts(row, "answers", 1)
    if row.has("answer") and not choices:
        raise ValueError("'choices' is missing, and 'answer' is the number of one, from 0")
    if answers and choices:
        raise ValueError("'answers' are wordings for a question without 'choices'")
    return DatasetQuery(
        query_id=name_of(row.take("id"), "id"),
        text=words(row.take("query"), "query"),
        video=video,
        spans=spans,
        choices=choices,
        answer=row.integer("answer", most=len(choices) - 1) if row.has("answer") else None,
        answers=answers,
        elsewhere=elsewhere,
        scope=read_scope(row.take("scope")) if row.has("scope") else None,
    )


def _texts(row: JsonObject, name: str, least: int) -> tuple[str, ...]:
    """Read a list of texts; where there is none it is empty."""
    if not row.has(name):
        return ()
    texts = tuple(words(text, name) for text in row.items(name))
    if len(texts) < least:
        raise ValueError(f"{name!r} are {least} or more")
    return texts


def _by_video(row: JsonObject, name: str) -> dict[str, tuple[TimeSpan, ...]]:
    """Read spans by the names of their videos; where there are none it is empty."""
    if not row.has(name):
        return {}
    named = row.take(name)
    if not isinstance(named, dict):
        raise ValueError(f"{name!r} is no object of spans by the names of videos")
    return {words(video, name): spans_of(listed, name) for video, listed in named.items()}
