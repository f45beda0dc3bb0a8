"""Mean intersection over union of the first moment."""

from collections.abc import Sequence

import numpy as np

from store.timespan import TimeSpan


def best_iou(predicted: TimeSpan | None, truths: Sequence[TimeSpan]) -> float:
    """Compare one span with the true span it fits best; 0 when nothing was predicted.

    Example:
        >>> best_iou(TimeSpan(2.0, 6.0), [TimeSpan(4.0, 8.0), TimeSpan(20.0, 30.0)])
        0.3333333333333333
    """
    if predicted is None:
        return 0.0
    return max((predicted.iou(truth) for truth in truths), default=0.0)


def mean_iou(predictions: Sequence[TimeSpan | None], truths: Sequence[Sequence[TimeSpan]]) -> float:
    """Compute mIoU: the mean over queries of the first span's best IoU.

    Args:
        predictions: The first span returned for each of ``Q`` queries; ``None`` for no span.
        truths: All spans that satisfy each query, at least one.

    Returns:
        In ``[0, 1]``; a query without a prediction counts as 0.

    Raises:
        ValueError: No queries, lengths that differ, or a query without a true span.

    Source:
        Gao et al., "TALL: Temporal Activity Localization via Language Query", ICCV 2017; the
        maximum over several true spans as in QVHighlights (Lei et al., NeurIPS 2021).
    """
    if not predictions or len(predictions) != len(truths) or not all(truths):
        raise ValueError("mIoU needs as many predictions as queries, each query with a true span")
    return float(np.mean([best_iou(*pair) for pair in zip(predictions, truths, strict=True)]))
