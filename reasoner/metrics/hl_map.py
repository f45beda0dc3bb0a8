"""HL-mAP: are the highlights ranked above the rest of the video?"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reasoner.metrics.quirks import Quirk
from reasoner.metrics.saliency import VERY_GOOD, check_ratings, check_saliency


def highlight_ap(
    saliency: ArrayLike,
    ratings: ArrayLike,
    least_rating: int = VERY_GOOD,
    compat: Literal[Quirk.ZERO_PADDED] | None = None,
) -> float:
    """Compute the AP of one query, the mean over annotators; HL-mAP is the mean over queries.

    AP is the mean, over the steps at which recall grows, of the best precision from there on.
    Clips of equal score are one step. Without any highlight AP is 0.

    Args:
        saliency: ``(P,)`` predicted scores of the first ``P`` clips; more than the video has are
            cut. Clips without a score are not found: the highlights among them are one step of
            precision 0.
        ratings: ``(S, A)`` of all clips by ``A`` annotators, 0 to 4.
        least_rating: From which on a clip is a highlight.
        compat: What a clip without a score is worth.

    Raises:
        ValueError: A score is NaN or infinite, or a rating out of range.

    Source:
        Lei et al., "QVHighlights", NeurIPS 2021; ``standalone_eval`` of moment_detr, whose AP is
        that of Gygli et al., "Video2GIF", CVPR 2016.

    Example:
        >>> highlight_ap([0.9, 0.8, 0.7], [[4], [0], [4]])
        0.8333333333333333
    """
    rated = check_ratings(ratings)
    scores = check_saliency(saliency)[: len(rated)]
    if compat is Quirk.ZERO_PADDED:
        scores = np.concatenate([scores, np.zeros(len(rated) - len(scores))])
    are_highlights = rated >= least_rating
    return float(np.mean([_average_precision(scores, column) for column in are_highlights.T]))


def _average_precision(scores: NDArray[np.float64], is_highlight: NDArray[np.bool_]) -> float:
    """Compute AP over ``(S,)`` clips, of which the first ``P`` have a score."""
    order = np.argsort(-scores, kind="stable")
    last_of_step = np.append(np.diff(scores[order]) != 0, True)[: len(scores)]
    found = is_highlight[order].cumsum()[last_of_step]
    precision = found / (np.flatnonzero(last_of_step) + 1)
    best_from_here_on = np.maximum.accumulate(precision[::-1])[::-1]
    steps = best_from_here_on[np.diff(found, prepend=0) > 0]
    num_steps = len(steps) + is_highlight[len(scores) :].any()
    return float(steps.sum() / num_steps) if num_steps else 0.0
