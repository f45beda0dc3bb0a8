"""Which of the proposed spans stand: overlaps of better ones lose their score.

Apart from the network because it needs no torch.

Source:
    Hard non-maximum suppression as the published VideoMind runs it, whose rows keep their place in
    the table: a suppressed row stays with score 0, and each step swaps the best of the rest to the
    front. Equal scores keep the order of the points, which the published code leaves open.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from store.errors import ModelOutputError

SUPPRESSING_IOU = 0.75
MAX_ROWS = 100


@dataclass(frozen=True, slots=True, eq=False)
class Proposals:
    """One span and one score for every point, overlaps not yet removed.

    Attributes:
        boundaries: ``(N, 2)`` float32, start and end as fractions of the video, not clipped.
        scores: ``(N,)`` float32 in ``[0, 1]``; how much the point belongs to what was asked.
    """

    boundaries: NDArray[np.float32]
    scores: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.boundaries.shape != (*self.scores.shape, 2):
            raise ValueError(
                f"needs (N, 2) boundaries and (N,) scores, "
                f"got {self.boundaries.shape} and {self.scores.shape}"
            )


@dataclass(frozen=True, slots=True, eq=False)
class RankedSpans:
    """Spans by falling score; those that a better one suppressed follow with score 0.

    Attributes:
        boundaries: ``(K, 2)`` float32, start and end as fractions of the video, not clipped.
        scores: ``(K,)`` float32.
    """

    boundaries: NDArray[np.float32]
    scores: NDArray[np.float32]

    def standing(self) -> Self:
        """Return the spans that no better one suppressed."""
        stands = self.scores > 0
        return type(self)(self.boundaries[stands], self.scores[stands])


def rank(
    proposals: Proposals, suppressing_iou: float = SUPPRESSING_IOU, max_rows: int = MAX_ROWS
) -> RankedSpans:
    """Rank what the decoder proposes, if all of it is finite.

    Args:
        proposals: As the decoder makes them.
        suppressing_iou: A span with this IoU or more with a better one loses its score.
        max_rows: Rows returned, suppressed ones included.

    Raises:
        ModelOutputError: A score or a boundary is NaN or infinite: nothing of it is ranked.
    """
    broken = ~np.isfinite(proposals.scores) | ~np.isfinite(proposals.boundaries).all(axis=1)
    if broken.any():
        raise ModelOutputError(
            f"the timestamp decoder gave {int(broken.sum())} of {len(broken)} spans a value that "
            "is NaN or infinite; run the model in bfloat16 or float32, or fetch its checkpoint "
            "again"
        )
    return suppress(proposals, suppressing_iou, max_rows)


def suppress(
    proposals: Proposals, suppressing_iou: float = SUPPRESSING_IOU, max_rows: int = MAX_ROWS
) -> RankedSpans:
    """Rank as the published code does, whatever the numbers: NaN scores come first there.

    Args:
        proposals: As the decoder makes them.
        suppressing_iou: A span with this IoU or more with a better one loses its score. The IoU of
            two spans without length is NaN, and suppresses nothing.
        max_rows: Rows returned, suppressed ones included.
    """
    sort_key = np.where(np.isnan(proposals.scores), -np.inf, -proposals.scores)
    order = np.argsort(sort_key, kind="stable")
    scores = proposals.scores[order]
    overlaps = pairwise_iou(proposals.boundaries) >= suppressing_iou
    for first in range(len(order)):
        best = first + int(scores[first:].argmax())
        order[[first, best]] = order[[best, first]]
        scores[[first, best]] = scores[[best, first]]
        scores[first + 1 :][overlaps[order[first], order[first + 1 :]]] = 0
    order, scores = order[:max_rows], scores[:max_rows]
    return RankedSpans(proposals.boundaries[order], scores)


def pairwise_iou(boundaries: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return ``(N, N)`` IoU of spans ``(N, 2)``; NaN between two without length."""
    start, end = boundaries[:, 0], boundaries[:, 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        shared = np.minimum(end[:, None], end) - np.maximum(start[:, None], start)
        shared = np.maximum(shared, np.float32(0))
        length = end - start
        iou: NDArray[np.float32] = shared / (length[:, None] + length - shared)
    return iou
