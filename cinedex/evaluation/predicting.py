"""All queries of a dataset put to a library, what is found kept as it comes."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from cinedex.datasets.query import DatasetQuery
from cinedex.evaluation.prediction import Prediction
from cinedex.evaluation.predictions_file import writing_predictions
from cinedex.evaluation.running import Runner

OnQueries = Callable[[int, int], None]
"""Told how many queries of how many are done."""


def predict_all(
    runner: Runner,
    queries: Sequence[DatasetQuery],
    path: Path | None = None,
    on_queries: OnQueries | None = None,
) -> dict[str, Prediction]:
    """Predict for the queries whose videos are indexed, by query id.

    Args:
        runner: Puts them.
        queries: All of the dataset.
        path: Where each prediction is written at once; ``None`` for nowhere.
        on_queries: Told how far it is.

    Raises:
        DatasetError: The file is there already or cannot be written, or a video has a name that
            another one has.
    """
    indexed = [query for query in queries if runner.is_indexed(query)]
    found = {}
    with ExitStack() as stack:
        writer = None if path is None else stack.enter_context(writing_predictions(path))
        for done, query in enumerate(indexed, start=1):
            found[query.query_id] = runner.predict(query)
            if writer is not None:
                writer.write(query, found[query.query_id])
            if on_queries is not None:
                on_queries(done, len(indexed))
    return found
