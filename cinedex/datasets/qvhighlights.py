"""QVHighlights: JSON Lines, several moments and the salience of clips for each query."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinedex.datasets.query import DatasetQuery
from cinedex.datasets.rows import name_of, read_objects, spans_of, words
from reasoner.metrics.saliency import TOP_RATING, clip_ratings
from store.json_values import JsonObject, integer, items


def read_qvhighlights(path: Path) -> list[DatasetQuery]:
    """Read ``highlight_val_release.jsonl`` or a file like it.

    Salience may be left out, as in other datasets that were put into this form.

    Raises:
        DatasetError: A line is not as it should be; says which.

    Source:
        Lei et al., "QVHighlights", NeurIPS 2021; ``data`` of moment_detr.
    """
    return read_objects(path, _read)


def _read(row: JsonObject) -> DatasetQuery:
    spans = spans_of(row.take("relevant_windows"), "relevant_windows")
    if not spans:
        raise ValueError("'relevant_windows' is empty, and every query here has a moment")
    return DatasetQuery(
        query_id=name_of(row.take("qid"), "qid"),
        text=words(row.take("query"), "query"),
        video=words(row.take("vid"), "vid"),
        spans=spans,
        ratings=_ratings(row) if row.has("saliency_scores") else None,
    )


def _ratings(row: JsonObject) -> NDArray[np.int64]:
    clip_ids = [integer(clip, "relevant_clip_ids") for clip in row.items("relevant_clip_ids")]
    ratings = [
        [integer(rating, "rating", most=TOP_RATING) for rating in items(of_clip, "saliency_scores")]
        for of_clip in row.items("saliency_scores")
    ]
    return clip_ratings(row.number("duration"), clip_ids, ratings)
