"""acc@IoU: how often CG-Bench's questions are answered rightly and the clues found."""

from collections.abc import Sequence

from reasoner.metrics.grounded_answer import GroundedAnswer
from reasoner.metrics.interval_iou import CG_IOUS, CgQuirk, reached_share
from store.timespan import TimeSpan


def acc_at_iou(
    answer: GroundedAnswer,
    truths: Sequence[TimeSpan],
    ious: Sequence[float] = CG_IOUS,
    compat: CgQuirk | None = None,
) -> float:
    """Compute acc@IoU of one question: what rec@IoU gives where the answer is right, else 0.

    Args:
        answer: To the question as asked of the whole video; ``NO_ANSWER`` is a miss.
        truths: All spans that hold a clue, at least one.
        ious: In ``(0, 1]``.
        compat: How a reference takes the IoU, or compares it.

    Raises:
        ValueError: No true span, no threshold, or one out of range.

    Source:
        Chen et al., "CG-Bench", ICLR 2025.
    """
    found = reached_share(answer.spans, truths, ious, compat)
    return found if answer.is_right else 0.0
