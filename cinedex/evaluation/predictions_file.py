"""Predictions on disk: the JSON Lines of QVHighlights, with what we know beyond them.

    qid, query, vid             as in the dataset
    pred_relevant_windows       [[start_seconds, end_seconds, score], ...], best first
    pred_saliency_scores        a number for each clip of two seconds; where there are any
    pred_videos                 a name for each window; where a whole library was searched
    pred_found_by               {"kind", "ranks"} for each window; where it is known
    pred_answer                 {"text", "abstained", "choice"}; where a question was asked
    pred_refused                why the query could not be put; where it could not

Other evaluators pass over what they do not know, and so does this one.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cinedex.datasets.query import DatasetQuery
from cinedex.datasets.rows import at, name_of, read_lines, words
from cinedex.evaluation.prediction import GivenAnswer, PredictedMoment, Prediction
from cinedex.serialise import to_json
from store.errors import DatasetError
from store.json_values import JsonObject, any_text, integer, items, parse_json
from store.timespan import TimeSpan


class PredictionsWriter:
    """Writes predictions line by line, so that a run that ends early keeps what it found.

    Args:
        file: Open for writing text.
    """

    def __init__(self, file: Any) -> None:
        self._file = file

    def write(self, query: DatasetQuery, prediction: Prediction) -> None:
        """Write one line."""
        self._file.write(to_json(_row(query, prediction), indent=None) + "\n")
        self._file.flush()


@contextmanager
def writing_predictions(path: Path) -> Iterator[PredictionsWriter]:
    """Make a file of predictions.

    Raises:
        DatasetError: It is there already, or cannot be written.
    """
    try:
        file = path.expanduser().open("x", encoding="utf-8")
    except FileExistsError as error:
        raise DatasetError(
            f"{path} is there already; name another file, or measure it with --from"
        ) from error
    except OSError as error:
        raise DatasetError(f"{path} cannot be written ({error}); name another file") from error
    with file:
        yield PredictionsWriter(file)


def read_predictions(path: Path, queries: Sequence[DatasetQuery]) -> dict[str, Prediction]:
    """Read predictions for the queries of a dataset, by query id.

    Raises:
        DatasetError: The file or a line is not as it should be, a line is for another query than
            the dataset's, or two are for one.
    """
    asked = {query.query_id: query for query in queries}
    predictions: dict[str, Prediction] = {}
    for place, line in read_lines(path):
        with at(place):
            row = JsonObject(parse_json(line))
            query_id = name_of(row.take("qid"), "qid")
            if query_id not in asked:
                raise ValueError(f"the dataset has no query {query_id}")
            if query_id in predictions:
                raise ValueError(f"there is a prediction for query {query_id} already")
            predictions[query_id] = _read(row, asked[query_id])
    return predictions


def _row(query: DatasetQuery, prediction: Prediction) -> dict[str, Any]:
    moments = prediction.moments
    row: dict[str, Any] = {
        "qid": _as_published(query.query_id),
        "query": query.text,
        "vid": query.video,
        "pred_relevant_windows": [
            [moment.span.start_seconds, moment.span.end_seconds, moment.score] for moment in moments
        ],
    }
    if prediction.saliency:
        row["pred_saliency_scores"] = prediction.saliency
    if any(moment.video != query.video for moment in moments):
        row["pred_videos"] = [moment.video for moment in moments]
    if any(moment.kind or moment.ranks for moment in moments):
        row["pred_found_by"] = [{"kind": moment.kind, "ranks": moment.ranks} for moment in moments]
    if prediction.answer is not None:
        row["pred_answer"] = prediction.answer
    if prediction.refusal:
        row["pred_refused"] = prediction.refusal
    return row


def _as_published(query_id: str) -> str | int:
    """Write a number as a number: QVHighlights' evaluator tells 7 from "7"."""
    is_number = query_id.isascii() and query_id.isdecimal() and str(int(query_id)) == query_id
    return int(query_id) if is_number else query_id


def _read(row: JsonObject, query: DatasetQuery) -> Prediction:
    return Prediction(
        query_id=query.query_id,
        moments=_moments(row, query),
        saliency=tuple(_numbers(row.take("pred_saliency_scores"), "pred_saliency_scores"))
        if row.has("pred_saliency_scores")
        else (),
        answer=_answer(row.child("pred_answer"), query) if row.has("pred_answer") else None,
        refusal=any_text(row.take("pred_refused"), "refused") if row.has("pred_refused") else "",
    )


def _moments(row: JsonObject, query: DatasetQuery) -> tuple[PredictedMoment, ...]:
    windows = [
        _numbers(window, "pred_relevant_windows", length=3)
        for window in row.items("pred_relevant_windows")
    ]
    videos = _beside(row, "pred_videos", windows, query.video)
    found_by = _beside(row, "pred_found_by", windows, {"kind": "", "ranks": {}})
    return tuple(
        PredictedMoment(
            words(video, "pred_videos"), TimeSpan(start, end), score, *_found_by(JsonObject(found))
        )
        for (start, end, score), video, found in zip(windows, videos, found_by, strict=True)
    )


def _beside(
    row: JsonObject, name: str, windows: Sequence[object], otherwise: object
) -> list[object]:
    """Take an array with a value for each window."""
    if not row.has(name):
        return [otherwise] * len(windows)
    return items(row.take(name), name, length=len(windows))


def _found_by(found: JsonObject) -> tuple[str, Mapping[str, int]]:
    ranks = found.take("ranks")
    if not isinstance(ranks, dict):
        raise ValueError("'ranks' is no object")
    return found.text("kind"), {
        source: integer(rank, "rank", least=1) for source, rank in ranks.items()
    }


def _answer(given: JsonObject, query: DatasetQuery) -> GivenAnswer:
    choice = given.integer_or_none("choice", least=0)
    if choice is not None and choice >= len(query.choices):
        raise ValueError(f"'choice' is {choice}, and there are {len(query.choices)}")
    return GivenAnswer(any_text(given.take("text"), "text"), given.truth("abstained"), choice)


def _numbers(value: object, name: str, length: int | None = None) -> list[float]:
    numbers = items(value, name, length)
    if any(type(number) not in (int, float) for number in numbers):
        raise ValueError(f"{name!r} is no array of numbers: {value!r:.80}")
    read = [float(str(number)) for number in numbers]
    if not all(map(math.isfinite, read)):
        raise ValueError(f"{name!r} holds a number that is not finite: {value!r:.80}")
    return read
