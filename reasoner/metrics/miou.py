"""mIoU: how well the first span fits."""

from collections.abc import Sequence

from reasoner.metrics.truths import check_truths
from store.timespan import TimeSpan


def first_iou(spans: Sequence[TimeSpan], truths: Sequence[TimeSpan]) -> float:
    """Compute what mIoU is the mean of: the IoU of the first span with the true one it fits best.

    Args:
        spans: Best first; only the first counts. Empty is a miss.
        truths: All spans that satisfy the query, at least one.

    Raises:
        ValueError: No true span.

    Source:
        Gao et al., "TALL: Temporal Activity Localization via Language Query", ICCV 2017; the
        maximum over several true spans as in NExT-GQA (Xiao et al., CVPR 2024).

    Example:
        >>> first_iou([TimeSpan(2, 6)], [TimeSpan(4, 8), TimeSpan(0, 5)])
        0.5
    """
    check_truths(truths)
    return max(spans[0].iou(truth) for truth in truths) if spans else 0.0
