"""Acc@GQA: right, and for the right reason."""

from collections.abc import Sequence

from reasoner.metrics.grounded_answer import GroundedAnswer
from reasoner.metrics.iop_at import iop_at
from reasoner.metrics.miop import IopQuirk
from store.timespan import TimeSpan


def acc_at_gqa(
    answer: GroundedAnswer, truths: Sequence[TimeSpan], compat: IopQuirk | None = None
) -> float:
    """Compute Acc@GQA of one question: 1 for a right answer whose first span has IoP >= 0.5.

    Args:
        answer: ``NO_ANSWER`` is a miss.
        truths: All spans that show the answer, at least one.
        compat: What a span without length is worth.

    Raises:
        ValueError: No true span.

    Source:
        Xiao et al., "Can I Trust Your Answer? Visually Grounded Video Question Answering", CVPR
        2024; ``eval_ground.py`` of NExT-GQA.
    """
    is_grounded = iop_at(answer.spans, truths, compat=compat)
    return is_grounded if answer.is_right else 0.0
