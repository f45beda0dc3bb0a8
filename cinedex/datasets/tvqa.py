"""TVQA and TVQA-long: questions with five choices, about a clip or about its whole episode."""

import json
import math
import re
from pathlib import Path

from cinedex.datasets.query import DatasetQuery
from cinedex.datasets.rows import (
    at,
    name_of,
    read_bytes,
    read_each,
    read_lines,
    seconds_between,
    words,
)
from store.json_values import JsonObject, items, parse_json
from store.timespan import TimeSpan

NUM_CHOICES = 5
_CLIP = re.compile(r"_seg\d+_clip_\d+$")


def read_tvqa(path: Path) -> list[DatasetQuery]:
    """Read ``tvqa_val.jsonl`` or a file like it; the videos are the clips.

    Raises:
        DatasetError: A line is not as it should be; says which.

    Source:
        Lei et al., "TVQA: Localized, Compositional Video Question Answering", EMNLP 2018.
    """
    return read_each(_rows(path), lambda row: _read(JsonObject(parse_json(row))))


def read_tvqa_long(path: Path) -> list[DatasetQuery]:
    """Read the same questions as asked of whole episodes.

    The episode is what ``episode_name`` says, or the clip's name without its end: of
    ``castle_s01e02_seg02_clip_09`` it is ``castle_s01e02``. Nothing is known of spans there:
    ``ts`` counts from the beginning of the clip, and no file says where in the episode that is.

    Raises:
        DatasetError: A line is not as it should be; says which.

    Source:
        Ataallah et al., "Goldfish: Vision-Language Understanding of Arbitrarily Long Videos",
        ECCV 2024.
    """
    return read_each(_rows(path), lambda row: _read_long(JsonObject(parse_json(row))))


def _rows(path: Path) -> list[tuple[str, bytes]]:
    """List the rows of JSON Lines, or of one array, which some copies are under either name."""
    if not read_bytes(path).lstrip().startswith(b"["):
        return list(read_lines(path))
    with at(str(path)):
        rows = items(parse_json(read_bytes(path)), "questions")
    return [
        (f"{path}, question {number}", json.dumps(row).encode())
        for number, row in enumerate(rows, start=1)
    ]


def _read(row: JsonObject) -> DatasetQuery:
    span = _span(words(row.take("ts"), "ts")) if row.has("ts") else None
    return _question(row, words(row.take("vid_name"), "vid_name"), span)


def _read_long(row: JsonObject) -> DatasetQuery:
    if row.has("episode_name"):
        return _question(row, words(row.take("episode_name"), "episode_name"), None)
    return _question(row, _CLIP.sub("", words(row.take("vid_name"), "vid_name")), None)


def _question(row: JsonObject, video: str, span: TimeSpan | None) -> DatasetQuery:
    return DatasetQuery(
        query_id=name_of(row.take("qid"), "qid"),
        text=words(row.take("q"), "q"),
        video=video,
        spans=None if span is None else (span,),
        choices=tuple(words(row.take(f"a{number}"), "choice") for number in range(NUM_CHOICES)),
        answer=row.integer("answer_idx", most=NUM_CHOICES - 1) if row.has("answer_idx") else None,
    )


def _span(written: str) -> TimeSpan | None:
    """Read ``76.01-84.2``; ``nan-nan`` stands for a moment that nobody marked."""
    start, separator, end = written.partition("-")
    if not separator:
        raise ValueError(f"'ts' is a start and an end with a dash between, not {written!r:.80}")
    bounds = float(start), float(end)
    return None if any(map(math.isnan, bounds)) else seconds_between(*bounds)
