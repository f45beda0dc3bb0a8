"""IoP@0.5: is at least half of the first span right?"""

from collections.abc import Sequence

from reasoner.metrics.miop import IopQuirk, first_iop
from reasoner.metrics.truths import check_truths
from store.timespan import TimeSpan

IOP_THRESHOLD = 0.5


def iop_at(
    spans: Sequence[TimeSpan],
    truths: Sequence[TimeSpan],
    iop: float = IOP_THRESHOLD,
    compat: IopQuirk | None = None,
) -> float:
    """Compute IoP@m of one query: 1 where the first span's IoP reaches ``m`` (``>=``), else 0.

    Args:
        spans: Best first; only the first counts. Empty is a miss.
        truths: All spans that satisfy the query, at least one.
        iop: ``m``, in ``(0, 1]``; the reference reports 0.3 and 0.5.
        compat: What a span without length is worth.

    Raises:
        ValueError: No true span, or ``iop`` out of range.

    Source:
        ``TIoP@m`` in ``eval_ground.py`` of NExT-GQA (Xiao et al., CVPR 2024).
    """
    check_truths(truths, iop)
    return float(first_iop(spans, truths, compat) >= iop)
