"""EfficientNet-Lite2 as the backbone that every stage with a question about pictures shares."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from indexer.encoders.efficientnet_network import (
    HEAD_CHANNELS,
    NUM_CLASSES,
    EfficientNetLite,
    Scaling,
)
from indexer.encoders.efficientnet_onnx import INPUT, onnx_model
from indexer.encoders.onnx_session import new_session
from indexer.interfaces import PictureFeatures
from store.errors import WeightsError

MODEL_ID = "efficientnet-lite2@9656183e"
LITE2 = Scaling(width=1.1, depth=1.2)
# The Lite variants were trained on pixels as (value - 127) / 128; measured top-1 falls by 8 points
# with ImageNet's mean and deviation instead.
PIXEL_MEAN = 127.0
PIXEL_SCALE = 128.0
# Trained at 260 x 260. Pictures keep their shape and nothing is cropped: the sides are multiples of
# 32 whose area is near this square.
SIDE_PIXELS = 224
SIDE_MULTIPLE = 32


class EfficientNetBackbone:
    """Looks at whole pictures of any shape; fulfils ``PictureBackbone``.

    Args:
        weights_file: ``efficientnet-lite2-9656183e.pth``; read as data, never unpickled as code.
        threads: Processor threads for the network.

    Raises:
        WeightsError: The file is no state dict of this network.

    Source:
        See ``efficientnet_network.py``. On 250 ImageNet pictures, each of another class,
        top-1 is 0.89 with the 260-pixel centre crop it was trained for and 0.86 as used here, at
        two thirds of the time; on 1,000, one a class, it is 0.84 as used here. ONNX Runtime
        computes what torch does in some 60% of the time (``benchmarks/backbone.py``).
    """

    def __init__(self, weights_file: Path, *, threads: int = 1) -> None:
        network = EfficientNetLite(LITE2)
        try:
            network.fill(torch.load(weights_file, map_location="cpu", weights_only=True))
        except Exception as error:
            raise WeightsError(
                f"{weights_file} does not hold EfficientNet-Lite2 weights ({error}); "
                "run `cinedex models pull` to fetch them again"
            ) from error
        self._session = new_session(onnx_model(network), threads)

    @property
    def model_id(self) -> str:
        """Model name and first digits of the weights' digest."""
        return MODEL_ID

    def look(self, pictures: Sequence[NDArray[np.uint8]]) -> PictureFeatures:
        """Describe ``N`` pictures, one after the other: a batch is slower on a processor."""
        probabilities = np.empty((len(pictures), NUM_CLASSES), dtype=np.float32)
        features = np.empty((len(pictures), HEAD_CHANNELS), dtype=np.float32)
        for index, picture in enumerate(pictures):
            logits, pooled = self._session.run(None, {INPUT: network_input(picture)})
            probabilities[index] = softmax(logits[0])
            features[index] = pooled[0] / np.linalg.norm(pooled[0])
        return PictureFeatures(probabilities, features)


def network_input(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Scale an ``(H, W, 3)`` RGB picture to what the network sees: ``(1, 3, H', W')``."""
    with torch.inference_mode():
        batch = torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None]
        sides = input_sides(batch.shape[2], batch.shape[3])
        small = nn.functional.interpolate(batch, size=sides, mode="bilinear", antialias=True)
        scaled: NDArray[np.float32] = small.float().sub_(PIXEL_MEAN).div_(PIXEL_SCALE).numpy()
    return scaled


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turn ``(K,)`` logits into probabilities."""
    powers = np.exp(logits - logits.max())
    probabilities: NDArray[np.float32] = powers / powers.sum()
    return probabilities


def input_sides(height_pixels: int, width_pixels: int) -> tuple[int, int]:
    """Choose the height and width that the network sees for a picture of this shape.

    Example:
        >>> input_sides(360, 640)
        (160, 288)
        >>> input_sides(1080, 1080)
        (224, 224)
    """
    ratio = (height_pixels / width_pixels) ** 0.5
    return _multiple(SIDE_PIXELS * ratio), _multiple(SIDE_PIXELS / ratio)


def _multiple(side: float) -> int:
    return max(SIDE_MULTIPLE, round(side / SIDE_MULTIPLE) * SIDE_MULTIPLE)
