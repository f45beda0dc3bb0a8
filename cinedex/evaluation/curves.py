"""How recall grows with k, how well first moments fit, and who found what was right."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cinedex.datasets.query import DatasetQuery
from cinedex.evaluation.prediction import PredictedMoment, Prediction

CURVE_IOUS = (0.3, 0.5, 0.7)
DEEPEST = 100
RIGHT_IOU = 0.5
NUM_BINS = 10


@dataclass(frozen=True, slots=True)
class RecallCurve:
    """R@k at one IoU.

    Attributes:
        recalls: For k from 1 on.
    """

    iou: float
    recalls: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class SourceShare:
    """What a source did for the moments that were right: the first of each query, IoU >= 0.5.

    Attributes:
        num_found: How many of them it ranked.
        num_first: How many it ranked first.
        num_alone: How many no other source ranked.
    """

    source: str
    num_found: int
    num_first: int
    num_alone: int


def moment_iou(moment: PredictedMoment, query: DatasetQuery) -> float:
    """Return the best IoU with a true span of the moment's video; 0 where there is none."""
    truths = query.truths.get(moment.video, ())
    return max((moment.span.iou(truth) for truth in truths), default=0.0)


def top_iou(prediction: Prediction | None, query: DatasetQuery) -> float:
    """Return the IoU of the first moment; 0 where there is none."""
    first = prediction.moments[:1] if prediction is not None else ()
    return max((moment_iou(moment, query) for moment in first), default=0.0)


def recall_curves(
    queries: Sequence[DatasetQuery], predictions: Mapping[str, Prediction]
) -> tuple[RecallCurve, ...]:
    """Compute R@k for every k up to the longest prediction, over queries with true spans."""
    located = [query for query in queries if query.spans]
    if not located:
        return ()
    ious = [
        [moment_iou(moment, query) for moment in predictions[query.query_id].moments[:DEEPEST]]
        for query in located
        if query.query_id in predictions
    ]
    depth = max(1, *map(len, ious)) if ious else 1
    return tuple(_curve(ious, iou, depth, len(located)) for iou in CURVE_IOUS)


def _curve(
    ious: Sequence[Sequence[float]], least: float, depth: int, num_queries: int
) -> RecallCurve:
    first_ranks = [
        next((rank for rank, iou in enumerate(row) if iou >= least), depth) for row in ious
    ]
    found = np.bincount(first_ranks, minlength=depth + 1)[:depth].cumsum()
    return RecallCurve(least, tuple(float(count) / num_queries for count in found))


def iou_histogram(
    queries: Sequence[DatasetQuery], predictions: Mapping[str, Prediction]
) -> tuple[int, ...]:
    """Count queries by the IoU of their first moment, in tenths; 1 falls into the last."""
    ious = [top_iou(predictions.get(query.query_id), query) for query in queries if query.spans]
    # Not np.histogram, whose edges are rounded: it puts an IoU of 0.6 below 0.6.
    counts = np.bincount(
        [min(int(iou * NUM_BINS), NUM_BINS - 1) for iou in ious], minlength=NUM_BINS
    )
    return tuple(int(count) for count in counts)


def right_moments(
    queries: Sequence[DatasetQuery], predictions: Mapping[str, Prediction]
) -> list[PredictedMoment]:
    """List the first moment of each query that is right, where there is one."""
    found = []
    for query in queries:
        moments = predictions[query.query_id].moments if query.query_id in predictions else ()
        right = (moment for moment in moments if moment_iou(moment, query) >= RIGHT_IOU)
        found += [moment for moment in [next(right, None)] if moment is not None]
    return found


def source_shares(moments: Sequence[PredictedMoment]) -> tuple[SourceShare, ...]:
    """Say what each source did for some moments, the most useful source first."""
    found: Counter[str] = Counter()
    first: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    for moment in moments:
        found.update(moment.ranks.keys())
        first.update(source for source, rank in moment.ranks.items() if rank == 1)
        alone.update(moment.ranks.keys() if len(moment.ranks) == 1 else ())
    return tuple(
        SourceShare(source, count, first[source], alone[source])
        for source, count in sorted(found.items(), key=lambda entry: (-entry[1], entry[0]))
    )


def kind_counts(moments: Sequence[PredictedMoment]) -> dict[str, int]:
    """Count moments by the kind of evidence that matched best, most first."""
    return dict(Counter(moment.kind for moment in moments if moment.kind).most_common())
