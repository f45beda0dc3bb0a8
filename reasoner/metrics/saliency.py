"""How salient the clips of a video are, as annotators say and as a model does.

Apart because HL-mAP and HIT@1 share it.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

CLIP_SECONDS = 2.0
FAIR, GOOD, VERY_GOOD = 2, 3, 4
"""From which rating on a clip counts as a highlight; ``VERY_GOOD`` is what papers report."""
TOP_RATING = 4


def clip_ratings(
    duration_seconds: float, clip_ids: ArrayLike, ratings: ArrayLike
) -> NDArray[np.int64]:
    """Spread the ratings of relevant clips over all clips of a video; the others are 0.

    Args:
        duration_seconds: Of the video; a rest of less than two seconds is no clip.
        clip_ids: ``(R,)`` numbers of the relevant clips from 0, at most once each.
        ratings: ``(R, A)`` by ``A`` annotators, 0 to 4.

    Returns:
        ``(S, A)``, one row for every clip.

    Raises:
        ValueError: A clip is not in the video, or shapes or ratings are not as said.

    Source:
        ``relevant_clip_ids`` and ``saliency_scores`` of QVHighlights.
    """
    ids = np.asarray(clip_ids, dtype=np.int64)
    rated = check_ratings(ratings)
    num_clips = int(duration_seconds / CLIP_SECONDS)
    if ids.shape != rated.shape[:1] or len(np.unique(ids)) < len(ids):
        raise ValueError(f"{len(ids)} clips do not go with ratings of shape {rated.shape}")
    outside = ids[(ids < 0) | (ids >= num_clips)]
    if len(outside):
        raise ValueError(f"clip {outside[0]} is not one of the {num_clips} of the video")
    spread = np.zeros((num_clips, rated.shape[1]), dtype=np.int64)
    spread[ids] = rated
    return spread


def check_ratings(ratings: ArrayLike) -> NDArray[np.int64]:
    """Return ``(S, A)`` ratings.

    Raises:
        ValueError: There is no annotator, or a rating is not a whole number from 0 to 4.
    """
    given = np.asarray(ratings, dtype=np.float64)
    if given.ndim != 2 or given.shape[1] == 0:
        raise ValueError(f"ratings must be (clips, annotators), got shape {given.shape}")
    wrong = given[~np.isin(given, np.arange(TOP_RATING + 1))]
    if len(wrong):
        raise ValueError(f"a rating must be a whole number from 0 to {TOP_RATING}, got {wrong[0]}")
    return given.astype(np.int64)


def check_saliency(saliency: ArrayLike) -> NDArray[np.float64]:
    """Return predicted scores ``(P,)``; may be empty.

    Raises:
        ValueError: Not one-dimensional, or a score is NaN or infinite; names the clip.
    """
    scores = np.asarray(saliency, dtype=np.float64)
    if scores.ndim != 1:
        raise ValueError(f"saliency must be one score for each clip, got shape {scores.shape}")
    broken = np.flatnonzero(~np.isfinite(scores))
    if len(broken):
        raise ValueError(
            f"the saliency of clip {broken[0]} must be finite, got {scores[broken[0]]}"
        )
    return scores
