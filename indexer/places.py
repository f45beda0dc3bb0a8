"""Indoors or outdoors, and by day, as far as what is seen tells."""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from indexer.labels.imagenet import ImageLabels, membership
from store.timespan import TimeSpan

# A place is said where what is found there is likelier than everything else,
LEAST_PROBABILITY = 0.5
# and next to nothing of the other place is seen.
MOST_OF_THE_OTHER = 0.1
DAYLIGHT_LUMA = 0.3


class Place(StrEnum):
    """Where the camera is. Night is not told: what is dark may be a dark room."""

    INDOORS = "indoors"
    OUTDOORS = "outdoors"
    BY_DAY = "outdoors by day"


def place(
    clip: TimeSpan,
    spans: Sequence[TimeSpan],
    probabilities: NDArray[np.float32],
    labels: ImageLabels,
    luma: float,
) -> Place | None:
    """Tell where a clip plays from the things in it.

    Args:
        clip: Stretch to describe.
        spans: What each of ``N`` frames stands for.
        probabilities: ``(N, 1000)`` of the classes.
        labels: Tell which classes are found where.
        luma: Mean brightness of the clip in ``[0, 1]``.

    Returns:
        ``None`` where nothing seen belongs to one place only.
    """
    seconds = np.array([span.shared_seconds(clip) for span in spans], dtype=np.float32)
    if not seconds.any():
        return None
    shares = probabilities @ membership(labels.places, probabilities.shape[1])
    outdoors, indoors = np.average(shares, axis=0, weights=seconds)
    if indoors >= LEAST_PROBABILITY and outdoors < MOST_OF_THE_OTHER:
        return Place.INDOORS
    if outdoors >= LEAST_PROBABILITY and indoors < MOST_OF_THE_OTHER:
        return Place.BY_DAY if luma >= DAYLIGHT_LUMA else Place.OUTDOORS
    return None
