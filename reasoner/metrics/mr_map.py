"""MR-mAP: do all true spans come early, each found once?"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reasoner.metrics.truths import check_truths
from store.timespan import TimeSpan

MR_IOUS = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
MAX_SPANS = 10


@dataclass(frozen=True, slots=True)
class ScoredSpan:
    """A predicted span with its score; higher is better.

    Raises:
        ValueError: The score is NaN or infinite.
    """

    span: TimeSpan
    score: float

    def __post_init__(self) -> None:
        if not math.isfinite(self.score):
            raise ValueError(f"the score of a span must be finite, got {self}")


def average_precisions(
    predictions: Sequence[ScoredSpan],
    truths: Sequence[TimeSpan],
    ious: Sequence[float] = MR_IOUS,
) -> NDArray[np.float64]:
    """Compute the AP of one query at each threshold; MR-mAP is their mean, over queries too.

    The first ten spans listed are ranked by score, equal scores as listed. Each takes the true span
    that fits it best among those not yet taken, if their IoU reaches the threshold. AP is the area
    under precision over recall, where a precision is the best from there on.

    Args:
        predictions: May be empty, which is a miss.
        truths: All spans that satisfy the query, at least one.
        ious: ``T`` thresholds, in ``(0, 1]``.

    Returns:
        ``(T,)``.

    Raises:
        ValueError: No true span, or a threshold out of range.

    Source:
        Lei et al., "QVHighlights: Detecting Moments and Highlights in Videos via Natural Language
        Queries", NeurIPS 2021; ``standalone_eval`` of moment_detr, which leaves queries without any
        prediction out of the mean (``Omission.EMPTY``). AP as in PASCAL VOC 2011. Where two true
        spans fit equally well, the later in the list is taken, as there.

    Example:
        >>> found = ScoredSpan(TimeSpan(0, 10), 0.9)
        >>> average_precisions([found], [TimeSpan(0, 8), TimeSpan(20, 30)], ious=(0.8, 0.9))
        array([0.5, 0. ])
    """
    check_truths(truths, *ious)
    ranked = sorted(predictions[:MAX_SPANS], key=lambda prediction: -prediction.score)
    overlaps = [[prediction.span.iou(truth) for truth in truths] for prediction in ranked]
    return np.array([_average_precision(_matched(overlaps, iou), len(truths)) for iou in ious])


def _matched(overlaps: Iterable[Sequence[float]], iou: float) -> list[bool]:
    """Say of each prediction in turn whether it finds a true span that none before it took."""
    taken: set[int] = set()
    matched = []
    for row in overlaps:
        fitting = [
            (overlap, index)
            for index, overlap in enumerate(row)
            if overlap >= iou and index not in taken
        ]
        if fitting:
            taken.add(max(fitting)[1])
        matched.append(bool(fitting))
    return matched


def _average_precision(matched: Sequence[bool], num_truths: int) -> float:
    hits = np.array(matched, dtype=bool)
    precision = hits.cumsum() / np.arange(1, len(hits) + 1)
    best_from_here_on = np.maximum.accumulate(precision[::-1])[::-1]
    return float(best_from_here_on[hits].sum() / num_truths)
