"""VCMR recall: the right moment of the right video, out of all videos."""

from collections.abc import Sequence
from dataclasses import dataclass

from store.timespan import TimeSpan


@dataclass(frozen=True, slots=True)
class VideoSpan:
    """A span and the video that it lies in."""

    video_id: str
    span: TimeSpan

    def iou(self, other: "VideoSpan") -> float:
        """Divide intersection by union; 0 in different videos."""
        return self.span.iou(other.span) if self.video_id == other.video_id else 0.0


def vcmr_recall_at_k(
    predictions: Sequence[VideoSpan], truths: Sequence[VideoSpan], k: int, iou: float
) -> float:
    """Compute VCMR R@k, IoU=m of one query: 1 or 0.

    A moment is right when its video is and its temporal IoU with a true span reaches ``m``
    (``>=``). With predictions in the true video alone it is SVMR; without spans, VR, which is
    Success@k over distinct videos.

    Args:
        predictions: Best first, over all videos; may be empty, which is a miss.
        truths: Every moment that satisfies the query, at least one.
        k: At least 1; the reference reports 1, 5, 10 and 100.
        iou: ``m``, in ``(0, 1]``; the reference reports 0.5 and 0.7.

    Raises:
        ValueError: No true moment, ``k`` below 1, or ``iou`` out of range.

    Source:
        Lei et al., "TVR: A Large-Scale Dataset for Video-Subtitle Moment Retrieval", ECCV 2020.
        Its rule for DiDeMo, two annotators of four, is not taken.
    """
    if not truths or k < 1 or not 0 < iou <= 1:
        raise ValueError(
            "needs a true moment, k of at least 1 and an IoU in (0, 1]; "
            f"got {len(truths)} moments, {k} and {iou}"
        )
    return float(any(made.iou(truth) >= iou for made in predictions[:k] for truth in truths))
