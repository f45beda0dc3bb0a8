"""F1@GQA: in words that are right, and for the right reason."""

from collections.abc import Sequence

from reasoner.metrics.iop_at import iop_at
from store.timespan import TimeSpan


def f1_at_gqa(f1: float, spans: Sequence[TimeSpan], truths: Sequence[TimeSpan]) -> float:
    """Compute F1@GQA of one question: its F1 where the first span has IoP >= 0.5, else 0.

    Args:
        f1: Of the answer.
        spans: What it rests on, best first; none is a miss.
        truths: All spans that show the answer, at least one.

    Raises:
        ValueError: No true span.

    Source:
        The rule of Acc@GQA (Xiao et al., CVPR 2024; ``acc_gqa.py``), which knows choices only, put
        to answers in words. The name is ours.
    """
    return f1 * iop_at(spans, truths)
