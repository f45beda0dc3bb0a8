"""Everything that is said of one run over one dataset."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cinedex.datasets.query import DatasetQuery
from cinedex.evaluation.answer_failures import AnswerFailure, answer_failures
from cinedex.evaluation.curves import (
    RIGHT_IOU,
    RecallCurve,
    SourceShare,
    iou_histogram,
    kind_counts,
    recall_curves,
    right_moments,
    source_shares,
    top_iou,
)
from cinedex.evaluation.figures import Figure, figures_of
from cinedex.evaluation.measures import measures_for
from cinedex.evaluation.prediction import PredictedMoment, Prediction
from store.errors import DatasetError
from store.timespan import TimeSpan

MAX_FAILURES = 24


@dataclass(frozen=True, slots=True)
class EvaluationOptions:
    """What is measured, and how.

    Attributes:
        is_corpus: The whole library was searched for every query.
        only_indexed: Leave queries without a prediction out; else they are misses.
        seed: Of the resampling.
    """

    is_corpus: bool = False
    only_indexed: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """How many queries there were, and what became of them.

    Attributes:
        num_scored: That the figures are about.
        num_without_prediction: Among all; left out with ``only_indexed``, else misses.
        num_refused: That could not be put, such as one without a word; misses.
        num_without_moments: For which nothing was found; misses.
        num_only_here: Of those scored, that the other run has no prediction for; its misses.
    """

    num_queries: int
    num_scored: int
    num_without_prediction: int
    num_refused: int
    num_without_moments: int
    num_only_here: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """A query whose first moment is not right (IoU below 0.5).

    Attributes:
        predicted: The first moment; ``None`` where nothing was found.
    """

    query_id: str
    text: str
    video: str | None
    spans: tuple[TimeSpan, ...]
    predicted: PredictedMoment | None
    iou: float


@dataclass(frozen=True, slots=True)
class Report:
    """What a run is worth; shares are in ``[0, 1]``.

    Attributes:
        iou_histogram: Queries by the IoU of their first moment, in tenths.
        num_right: Queries with a right moment anywhere in the list; ``sources`` and ``kinds`` are
            about the first such moment of each.
        kinds: Kind of evidence that matched best, to how many.
        num_failures: All of them; ``failures`` holds the worst.
        num_answer_failures: Likewise, of answers in words.
    """

    format_name: str
    options: EvaluationOptions
    counts: Counts
    figures: tuple[Figure, ...]
    recall_curves: tuple[RecallCurve, ...]
    iou_histogram: tuple[int, ...]
    num_right: int
    sources: tuple[SourceShare, ...]
    kinds: Mapping[str, int]
    num_failures: int
    failures: tuple[Failure, ...]
    num_answer_failures: int = 0
    answer_failures: tuple[AnswerFailure, ...] = ()


def report_on(
    format_name: str,
    queries: Sequence[DatasetQuery],
    predictions: Mapping[str, Prediction],
    options: EvaluationOptions,
    others: Mapping[str, Prediction] | None = None,
) -> Report:
    """Measure predictions.

    Args:
        format_name: Of the dataset, which decides on the measures.
        queries: All of the dataset.
        predictions: By query id.
        options: What is measured, and how.
        others: Predictions of another run to compare with.

    Raises:
        DatasetError: There is nothing to measure.
    """
    scored = [
        query for query in queries if query.query_id in predictions or not options.only_indexed
    ]
    if not scored:
        raise DatasetError(
            "none of the queries has a prediction; index their videos, or leave --only-indexed out"
        )
    if not options.is_corpus:
        for run in (predictions, others or {}):
            _require_own_videos(scored, run)
    has_answers = any(made.answer is not None for made in predictions.values())
    measures = measures_for(format_name, is_corpus=options.is_corpus, has_answers=has_answers)
    figures = figures_of(measures, scored, predictions, others, options.seed)
    if not figures:
        raise DatasetError(
            "the dataset says nothing that these predictions can be held against; try --ask where "
            "it has choices or answers, or --corpus where it names videos"
        )
    right = right_moments(scored, predictions)
    failures = _failures(scored, predictions)
    unaccepted = answer_failures(scored, predictions) if has_answers else []
    return Report(
        format_name=format_name,
        options=options,
        counts=_counts(queries, scored, predictions, others),
        figures=tuple(figures),
        recall_curves=recall_curves(scored, predictions),
        iou_histogram=iou_histogram(scored, predictions),
        num_right=len(right),
        sources=source_shares(right),
        kinds=kind_counts(right),
        num_failures=len(failures),
        failures=tuple(failures[:MAX_FAILURES]),
        num_answer_failures=len(unaccepted),
        answer_failures=tuple(unaccepted[:MAX_FAILURES]),
    )


def _require_own_videos(
    queries: Sequence[DatasetQuery], predictions: Mapping[str, Prediction]
) -> None:
    for query in queries:
        made = predictions.get(query.query_id)
        if query.video is None or made is None:
            continue
        if any(moment.video != query.video for moment in made.moments):
            raise DatasetError(
                f"query {query.query_id} has moments in other videos than its own, {query.video}; "
                "measure predictions over a whole library with --corpus"
            )


def _counts(
    queries: Sequence[DatasetQuery],
    scored: Sequence[DatasetQuery],
    predictions: Mapping[str, Prediction],
    others: Mapping[str, Prediction] | None,
) -> Counts:
    made = [predictions[query.query_id] for query in queries if query.query_id in predictions]
    only_here = [query for query in scored if others is not None and query.query_id not in others]
    return Counts(
        num_queries=len(queries),
        num_scored=len(scored),
        num_without_prediction=len(queries) - len(made),
        num_refused=sum(bool(each.refusal) for each in made),
        num_without_moments=sum(not each.moments and not each.refusal for each in made),
        num_only_here=len(only_here),
    )


def _failures(
    queries: Sequence[DatasetQuery], predictions: Mapping[str, Prediction]
) -> list[Failure]:
    """List the worst first, else as in the dataset."""
    failures = []
    for query in queries:
        made = predictions.get(query.query_id)
        iou = top_iou(made, query)
        if query.spans and iou < RIGHT_IOU:
            first = made.moments[0] if made is not None and made.moments else None
            failures.append(
                Failure(query.query_id, query.text, query.video, query.spans, first, iou)
            )
    return sorted(failures, key=lambda failure: failure.iou)
