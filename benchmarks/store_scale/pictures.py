"""A video's picture vectors: the real head over probabilities as a network would give them."""

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.expected_label import ExpectedLabelHead

SCENES_PER_VIDEO = 20
# Classes that a scene's pictures may look like at all.
LIKELY_LABELS = 60
# A network is surest of one class, less of those of a kind with it; logits per unit of cosine. With
# these three, random pairs are as alike as those of the sample film (median cosine 0.80 there).
SHARPNESS = 10.0
SCENE_NOISE = 1.5
FRAME_NOISE = 0.8


class PictureSynthesis:
    """Makes the pictures of any video.

    Each scene shows one class; what resembles it by name is likely too, give or take the scene's
    own noise, and each frame adds a little.

    Args:
        head: Turns probabilities into vectors.
        labels: ``(L, D)``, what ``head`` mixes.
    """

    def __init__(self, head: ExpectedLabelHead, labels: NDArray[np.float32]) -> None:
        self._head = head
        self._likeness = labels @ labels.T

    def video(self, number: int, count: int) -> NDArray[np.float32]:
        """Make ``count`` pictures in time order, ``(N, D)`` of unit norm."""
        generator = np.random.default_rng((3, number))
        logits = self._scenes(generator)
        scene_of = np.sort(generator.integers(SCENES_PER_VIDEO, size=count))
        likely = np.argsort(-logits, axis=1)[scene_of, :LIKELY_LABELS]
        noisy = np.take_along_axis(logits[scene_of], likely, axis=1)
        noisy = noisy + generator.normal(0, FRAME_NOISE, noisy.shape)
        odds = np.exp(noisy - noisy.max(axis=1, keepdims=True))
        probabilities = np.zeros((count, len(self._likeness)), np.float32)
        np.put_along_axis(probabilities, likely, odds / odds.sum(axis=1, keepdims=True), axis=1)
        return self._head.embed(probabilities)

    def _scenes(self, generator: np.random.Generator) -> NDArray[np.float64]:
        shown = generator.integers(len(self._likeness), size=SCENES_PER_VIDEO)
        logits = SHARPNESS * self._likeness[shown]
        return logits + generator.normal(0, SCENE_NOISE, logits.shape)
