"""rec@IoU: how often CG-Bench's clues are found, over strict and lenient thresholds."""

from collections.abc import Sequence

from reasoner.metrics.interval_iou import CG_IOUS, CgQuirk, reached_share
from store.timespan import TimeSpan


def rec_at_iou(
    spans: Sequence[TimeSpan],
    truths: Sequence[TimeSpan],
    ious: Sequence[float] = CG_IOUS,
    compat: CgQuirk | None = None,
) -> float:
    """Compute rec@IoU of one question: the share of thresholds that the IoU of all spans reaches.

    Args:
        spans: In whatever order; may be empty, which is a miss.
        truths: All spans that hold a clue, at least one.
        ious: In ``(0, 1]``.
        compat: How a reference takes the IoU, or compares it.

    Raises:
        ValueError: No true span, no threshold, or one out of range.

    Source:
        Chen et al., "CG-Bench", ICLR 2025. VLMEvalKit also leaves out replies it cannot read; here
        they are misses.
    """
    return reached_share(spans, truths, ious, compat)
