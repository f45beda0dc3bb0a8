"""Recall at k: did the right thing come within the first k?"""

from collections.abc import Callable, Sequence

from store.timespan import TimeSpan

# A clip is right when it and a true span share half of the shorter of the two: a long clip that
# holds the answer is right, and so is one of several short clips that a long answer spreads over.
RIGHT_CLIP_SHARE = 0.5

Matches = Callable[[TimeSpan, TimeSpan], bool]


def is_right_clip(clip: TimeSpan, truth: TimeSpan) -> bool:
    """Say whether a clip holds what was asked for.

    Example:
        >>> is_right_clip(TimeSpan(0.0, 30.0), TimeSpan(28.0, 32.0))
        True
    """
    shorter_seconds = min(clip.duration_seconds, truth.duration_seconds)
    return shorter_seconds > 0 and clip.shared_seconds(truth) >= RIGHT_CLIP_SHARE * shorter_seconds


def iou_at_least(threshold: float) -> Matches:
    """Make the test of R@k, IoU=m: a span is right when its IoU reaches the threshold (``>=``)."""
    return lambda predicted, truth: predicted.iou(truth) >= threshold


def hits_at_k(
    predictions: Sequence[TimeSpan], truths: Sequence[TimeSpan], k: int, is_right: Matches
) -> bool:
    """Say whether any of the first ``k`` predictions is right for any true span."""
    return any(is_right(predicted, truth) for predicted in predictions[:k] for truth in truths)


def recall_at_k(
    predictions: Sequence[Sequence[TimeSpan]],
    truths: Sequence[Sequence[TimeSpan]],
    k: int,
    is_right: Matches,
) -> float:
    """Compute R@k: the share of ``Q`` queries with a right span among the first ``k``.

    Args:
        predictions: For each query its spans, best first; may be empty, which is a miss.
        truths: All spans that satisfy each query.
        k: At least 1.
        is_right: ``is_right_clip`` for clips, ``iou_at_least(m)`` for R@k, IoU=m.

    Returns:
        In ``[0, 1]``; the denominator is all queries.

    Raises:
        ValueError: No queries, lengths that differ, or ``k`` below 1.

    Source:
        R@k, IoU=m: Gao et al., "TALL: Temporal Activity Localization via Language Query", ICCV
        2017.
    """
    if not predictions or len(predictions) != len(truths) or k < 1:
        raise ValueError("recall needs k of at least 1 and as many predictions as queries")
    pairs = zip(predictions, truths, strict=True)
    return sum(hits_at_k(*pair, k, is_right) for pair in pairs) / len(predictions)
