"""IoU of sets of spans: CG-Bench's mIoU, and what rec@IoU and acc@IoU look at."""

from collections.abc import Iterable, Sequence
from typing import Literal

from reasoner.metrics.quirks import Quirk
from reasoner.metrics.truths import check_truths
from store.timespan import TimeSpan

CG_IOUS = (0.1, 0.2, 0.3, 0.4, 0.5)
CgQuirk = Literal[Quirk.PAIRWISE_SUMS, Quirk.ABOVE_ONLY]


def interval_iou(
    spans: Sequence[TimeSpan], truths: Sequence[TimeSpan], compat: CgQuirk | None = None
) -> float:
    """Divide the time that lies in both sets by the time that lies in either.

    Every span counts, in whatever order: one too many makes the union greater. CG-Bench asks for
    at most five.

    Args:
        spans: May be empty, which is a miss.
        truths: All spans that hold a clue, at least one.
        compat: Whether what overlaps in a set counts twice; the value may then leave ``[0, 1]``.

    Raises:
        ValueError: No true span.

    Source:
        Chen et al., "CG-Bench: Clue-grounded Question Answering Benchmark for Long Video
        Understanding", ICLR 2025; ``calculate_intervals_iou`` in its ``run/utils.py``. VideoMind
        passes the first span alone, or it and those above a confidence.

    Example:
        >>> interval_iou([TimeSpan(0, 4), TimeSpan(2, 6)], [TimeSpan(0, 3), TimeSpan(9, 12)])
        0.3333333333333333
    """
    check_truths(truths)
    if compat is not Quirk.PAIRWISE_SUMS:
        spans, truths = _joined(spans), _joined(truths)
    shared = sum(span.shared_seconds(truth) for span in spans for truth in truths)
    union = _seconds(spans) + _seconds(truths) - shared
    return shared / union if union else 0.0


def reached_share(
    spans: Sequence[TimeSpan],
    truths: Sequence[TimeSpan],
    ious: Sequence[float],
    compat: CgQuirk | None,
) -> float:
    """Return the share of thresholds that the IoU of two sets of spans reaches.

    Raises:
        ValueError: No true span, no threshold, or one out of range.
    """
    check_truths(truths, *ious)
    if not ious:
        raise ValueError("needs at least one threshold")
    iou = interval_iou(spans, truths, compat)
    reached = (iou > least if compat is Quirk.ABOVE_ONLY else iou >= least for least in ious)
    return sum(reached) / len(ious)


def _joined(spans: Iterable[TimeSpan]) -> list[TimeSpan]:
    """Join spans that overlap or touch."""
    joined: list[TimeSpan] = []
    for span in sorted(spans):
        if joined and span.start_seconds <= joined[-1].end_seconds:
            joined[-1] = joined[-1].hull(span)
        else:
            joined.append(span)
    return joined


def _seconds(spans: Iterable[TimeSpan]) -> float:
    return sum(span.duration_seconds for span in spans)
