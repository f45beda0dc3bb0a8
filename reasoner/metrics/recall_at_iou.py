"""R@k, IoU=m: did one of the first k spans fit well enough?"""

from collections.abc import Sequence

from reasoner.metrics.truths import check_truths
from store.timespan import TimeSpan


def recall_at_iou(
    spans: Sequence[TimeSpan], truths: Sequence[TimeSpan], k: int, iou: float
) -> float:
    """Compute R@k, IoU=m of one query: 1 where any of the first ``k`` spans is right, else 0.

    With ``k=1`` it is R1@m of QVHighlights and Charades-STA, and IoU@m of NExT-GQA.

    Args:
        spans: Best first by their order, whatever their scores; may be empty, which is a miss.
        truths: All spans that satisfy the query, at least one; any of them will do.
        k: At least 1.
        iou: ``m``, in ``(0, 1]``; a span is right when its IoU reaches it (``>=``).

    Raises:
        ValueError: No true span, ``k`` below 1, or ``iou`` out of range.

    Source:
        Gao et al., "TALL: Temporal Activity Localization via Language Query", ICCV 2017.

    Example:
        >>> recall_at_iou([TimeSpan(0, 5)], [TimeSpan(0, 10)], k=1, iou=0.5)
        1.0
    """
    check_truths(truths, iou)
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    return float(any(span.iou(truth) >= iou for span in spans[:k] for truth in truths))
