"""mIoP: how much of the first span is right."""

from collections.abc import Sequence
from typing import Literal

from reasoner.metrics.quirks import Quirk
from reasoner.metrics.truths import check_truths
from store.timespan import TimeSpan

IopQuirk = Literal[Quirk.INSTANT_INSIDE]


def first_iop(
    spans: Sequence[TimeSpan], truths: Sequence[TimeSpan], compat: IopQuirk | None = None
) -> float:
    """Compute what mIoP is the mean of: intersection over prediction of the first span.

    Args:
        spans: Best first; only the first counts. Empty is a miss.
        truths: All spans that satisfy the query, at least one; the best counts, and need not be the
            one with the best IoU.
        compat: What a span without length is worth.

    Raises:
        ValueError: No true span.

    Source:
        Xiao et al., "Can I Trust Your Answer? Visually Grounded Video Question Answering", CVPR
        2024; ``eval_ground.py`` of NExT-GQA.

    Example:
        >>> first_iop([TimeSpan(2, 6)], [TimeSpan(4, 30)])
        0.5
    """
    check_truths(truths)
    return max(_iop(spans[0], truth, compat) for truth in truths) if spans else 0.0


def _iop(span: TimeSpan, truth: TimeSpan, compat: IopQuirk | None) -> float:
    if span.duration_seconds > 0:
        return span.shared_seconds(truth) / span.duration_seconds
    is_inside = truth.start_seconds <= span.start_seconds <= truth.end_seconds
    return float(compat is Quirk.INSTANT_INSIDE and is_inside)
