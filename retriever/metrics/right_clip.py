"""R@k for clips: is one of the first k the place to look?"""

from collections.abc import Sequence

from store.timespan import TimeSpan

# A clip is right when it and a true span share half of the shorter of the two: a long clip that
# holds the answer is right, and so is one of several short clips that a long answer spreads over.
RIGHT_CLIP_SHARE = 0.5


def is_right_clip(clip: TimeSpan, truth: TimeSpan) -> bool:
    """Say whether a clip holds what was asked for.

    Example:
        >>> is_right_clip(TimeSpan(0.0, 30.0), TimeSpan(28.0, 32.0))
        True
    """
    shorter_seconds = min(clip.duration_seconds, truth.duration_seconds)
    return shorter_seconds > 0 and clip.shared_seconds(truth) >= RIGHT_CLIP_SHARE * shorter_seconds


def right_clip_at_k(clips: Sequence[TimeSpan], truths: Sequence[TimeSpan], k: int) -> float:
    """Score 1 for a right clip among the first ``k``, else 0.

    Args:
        clips: Best first; may be empty, which is a miss.
        truths: All spans that satisfy the query, at least one.
        k: At least 1.

    Raises:
        ValueError: No true span, or ``k`` below 1.

    Source:
        Ours: a measure of clips as they are indexed, whatever their length. For spans that were
        placed, use R@k, IoU=m in ``reasoner/metrics/recall_at_iou.py``.
    """
    if not truths or k < 1:
        raise ValueError(f"needs a true span and k of at least 1, got {len(truths)} and {k}")
    return float(any(is_right_clip(clip, truth) for clip in clips[:k] for truth in truths))
