"""The layers of EfficientNet-Lite, and how a published state dict fills them.

Apart from ``efficientnet.py`` so that the architecture reads in one sitting and the backbone is
about pictures.

Source:
    Tan & Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML 2019;
    the Lite variants (no squeeze-and-excitation, ReLU6, first and last stage and head not scaled)
    as Google described them in 2020. Batch normalisation is folded into the convolution before it,
    which changes nothing but speed.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

CHANNEL_MULTIPLE = 8
HEAD_CHANNELS = 1280
STEM_CHANNELS = 32
NUM_CLASSES = 1000
NORMALISATION_EPSILON = 1e-3  # of the TensorFlow original


@dataclass(frozen=True, slots=True)
class Stage:
    """A run of equal blocks before scaling; the first one strides and changes the channels."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    channels: int


STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)


@dataclass(frozen=True, slots=True)
class Scaling:
    """How a Lite variant stretches the stages; ``Scaling(1.1, 1.2)`` is Lite2."""

    width: float
    depth: float

    def channels(self, base: int) -> int:
        """Scale a number of channels to a multiple of 8, never down by more than a tenth."""
        wanted = base * self.width
        rounded = max(
            CHANNEL_MULTIPLE,
            int(wanted + CHANNEL_MULTIPLE / 2) // CHANNEL_MULTIPLE * CHANNEL_MULTIPLE,
        )
        return rounded + CHANNEL_MULTIPLE if rounded < 0.9 * wanted else rounded

    def repeats(self, index: int) -> int:
        """Scale the length of a stage; the first and last stay as they are."""
        base = STAGES[index].repeats
        return base if index in (0, len(STAGES) - 1) else math.ceil(base * self.depth)


class FoldedConvolution(nn.Module):
    """A convolution with its batch normalisation folded in and TensorFlow's "same" padding.

    "Same" pads by what stride and size need, the odd pixel at the right and bottom.
    """

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__()
        even = stride == 1
        self.pad_here = not even
        self.convolution = nn.Conv2d(
            inputs, outputs, kernel, stride, padding=kernel // 2 if even else 0, groups=groups
        )

    def forward(self, pictures: Tensor) -> Tensor:
        """Convolve ``(B, C, H, W)``."""
        if self.pad_here:
            pictures = nn.functional.pad(pictures, self._padding(pictures))
        convolved: Tensor = self.convolution(pictures)
        return convolved

    def _padding(self, pictures: Tensor) -> list[int]:
        kernel, stride = self.convolution.kernel_size[0], self.convolution.stride[0]
        padding = []
        for side in (pictures.shape[-1], pictures.shape[-2]):
            total = max((math.ceil(side / stride) - 1) * stride + kernel - side, 0)
            padding += [total // 2, total - total // 2]
        return padding

    def fill(self, weights: Mapping[str, Tensor], convolution: str, normalisation: str) -> set[str]:
        """Take a convolution and its normalisation from a state dict; returns the names used."""
        parts = {
            part: f"{normalisation}.{part}"
            for part in ("weight", "bias", "running_mean", "running_var")
        }
        scale = weights[parts["weight"]] / torch.sqrt(
            weights[parts["running_var"]] + NORMALISATION_EPSILON
        )
        kernel = weights[f"{convolution}.weight"] * scale[:, None, None, None]
        bias = weights[parts["bias"]] - weights[parts["running_mean"]] * scale
        self.convolution.load_state_dict({"weight": kernel, "bias": bias})
        return {f"{convolution}.weight", f"{normalisation}.num_batches_tracked", *parts.values()}


class Block(nn.Module):
    """Inverted residual: widen, filter each channel, narrow; add the input where shapes agree."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = inputs * expansion
        self.expand = FoldedConvolution(inputs, inner, 1) if expansion > 1 else None
        self.depthwise = FoldedConvolution(inner, inner, kernel, stride, groups=inner)
        self.project = FoldedConvolution(inner, outputs, 1)
        self.is_residual = stride == 1 and inputs == outputs

    def forward(self, pictures: Tensor) -> Tensor:
        """Map ``(B, C, H, W)`` to ``(B, C', H', W')``."""
        inner = pictures
        if self.expand is not None:
            inner = nn.functional.relu6(self.expand(inner), inplace=True)
        inner = nn.functional.relu6(self.depthwise(inner), inplace=True)
        narrow: Tensor = self.project(inner)
        return narrow + pictures if self.is_residual else narrow

    def fill(self, weights: Mapping[str, Tensor], prefix: str) -> set[str]:
        """Take the block named ``prefix`` from a state dict; returns the names used."""
        used = self.depthwise.fill(weights, f"{prefix}._depthwise_conv", f"{prefix}._bn1")
        used |= self.project.fill(weights, f"{prefix}._project_conv", f"{prefix}._bn2")
        if self.expand is not None:
            used |= self.expand.fill(weights, f"{prefix}._expand_conv", f"{prefix}._bn0")
        return used


class EfficientNetLite(nn.Module):
    """The whole network; answers with logits and with the pooled features they are made from."""

    def __init__(self, scaling: Scaling) -> None:
        super().__init__()
        self.stem = FoldedConvolution(3, STEM_CHANNELS, 3, stride=2)
        blocks: list[Block] = []
        inputs = STEM_CHANNELS
        for index, stage in enumerate(STAGES):
            outputs = scaling.channels(stage.channels)
            for repeat in range(scaling.repeats(index)):
                stride = stage.stride if repeat == 0 else 1
                blocks.append(Block(inputs, outputs, stage.kernel, stride, stage.expansion))
                inputs = outputs
        self.blocks = nn.ModuleList(blocks)
        self.head = FoldedConvolution(inputs, HEAD_CHANNELS, 1)
        self.classify = nn.Linear(HEAD_CHANNELS, NUM_CLASSES)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Look at ``(B, 3, H, W)`` normalised pictures.

        Returns:
            ``(B, 1000)`` logits and ``(B, 1280)`` features, pooled over the picture.
        """
        maps = nn.functional.relu6(self.stem(pictures), inplace=True)
        for block in self.blocks:
            maps = block(maps)
        features = nn.functional.relu6(self.head(maps), inplace=True).mean(dim=(2, 3))
        return self.classify(features), features

    def fill(self, weights: Mapping[str, Tensor]) -> None:
        """Take every tensor of a published state dict.

        Raises:
            ValueError: Some tensor has no place here, is missing, or has another shape.
        """
        try:
            used = self.stem.fill(weights, "_conv_stem", "_bn0")
            for index, block in enumerate(self.blocks):
                assert isinstance(block, Block)
                used |= block.fill(weights, f"_blocks.{index}")
            used |= self.head.fill(weights, "_conv_head", "_bn1")
            self.classify.load_state_dict(
                {"weight": weights["_fc.weight"], "bias": weights["_fc.bias"]}
            )
        except (KeyError, RuntimeError) as error:
            raise ValueError(f"these weights do not fit this network: {error}") from error
        left = sorted(set(weights) - used - {"_fc.weight", "_fc.bias"})
        if left:
            raise ValueError(f"tensors without a place in this network: {', '.join(left[:5])}")
