"""HIT@1: is the clip with the highest score a highlight?"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from reasoner.metrics.quirks import Quirk
from reasoner.metrics.saliency import VERY_GOOD, check_ratings, check_saliency


def hit_at_1(
    saliency: ArrayLike,
    ratings: ArrayLike,
    least_rating: int = VERY_GOOD,
    compat: Literal[Quirk.UNCUT] | None = None,
) -> float:
    """Compute HIT@1 of one query: 1 where any annotator calls the best clip a highlight, else 0.

    Args:
        saliency: ``(P,)`` predicted scores of the first ``P`` clips; of equal ones the first is the
            best. Empty is a miss, and more than the video has are cut.
        ratings: ``(S, A)`` of all clips by ``A`` annotators, 0 to 4.
        least_rating: From which on a clip is a highlight.
        compat: Whether scores behind the video's end take part.

    Raises:
        ValueError: A score is NaN or infinite, or a rating out of range.

    Source:
        Lei et al., "QVHighlights", NeurIPS 2021; ``standalone_eval`` of moment_detr.

    Example:
        >>> hit_at_1([0.1, 0.9], [[4, 4, 4], [1, 1, 4]])
        1.0
    """
    rated = check_ratings(ratings)
    scores = check_saliency(saliency)
    if compat is not Quirk.UNCUT:
        scores = scores[: len(rated)]
    best = int(np.argmax(scores)) if len(scores) else len(rated)
    return float((rated[best : best + 1] >= least_rating).any())
