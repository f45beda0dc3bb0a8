"""The same frames at four rates, and the heads that read every rate alike.

Modules that only turn axes hold places in the sequences because the published names of the
parameters count them.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from reasoner.videomind.decoder.point import STRIDES, level_lengths


class SwapAxes(nn.Module):
    """Turn ``(B, T, D)`` into ``(B, D, T)`` and back."""

    def forward(self, features: Tensor) -> Tensor:
        """Swap the last two axes."""
        return features.transpose(-1, -2)


class Pyramid(nn.Module):
    """Halves the rate ``l`` times for level ``l``, each level from the full sequence anew.

    Args:
        width: Length of a frame's feature.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        halved = (
            [module for _ in range(level) for module in _halving(width)]
            for level in range(len(STRIDES))
        )
        self.blocks = nn.ModuleList(nn.Sequential(*(modules or [nn.SiLU()])) for modules in halved)

    def forward(self, features: Tensor) -> list[Tensor]:
        """Map ``(B, T, D)`` to ``(B, T // stride, D)`` for each level that has a frame."""
        levels = level_lengths(features.shape[1])
        return [block(features) for block, _ in zip(self.blocks, levels, strict=False)]


class ConvolutionHead(nn.Module):
    """Two convolutions over three instants each.

    Args:
        width: Length of a feature.
        num_outputs: Numbers said at each point.
    """

    def __init__(self, width: int, num_outputs: int) -> None:
        super().__init__()
        self.module = nn.Sequential(
            SwapAxes(),
            nn.Conv1d(width, width, 3, padding=1),
            nn.SiLU(),
            nn.Conv1d(width, num_outputs, 3, padding=1),
            SwapAxes(),
        )

    def forward(self, levels: Sequence[Tensor]) -> Tensor:
        """Map the levels' ``(B, T_l, D)``, each by itself, to ``(B, N, num_outputs)`` of all."""
        return torch.cat([self.module(level) for level in levels], dim=1)


class LevelScale(nn.Module):
    """One learned factor a level on the distances said there."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(len(STRIDES)))

    def forward(self, coord_logits: Tensor, num_frames: int) -> Tensor:
        """Map ``(B, N, 2)`` logits to distances in strides, which are positive if the factor is."""
        lengths = torch.tensor(level_lengths(num_frames), device=coord_logits.device)
        factor = self.scale[: len(lengths)].repeat_interleave(lengths)
        return factor[:, None] * coord_logits.exp()


def _halving(width: int) -> list[nn.Module]:
    return [
        SwapAxes(),
        nn.Conv1d(width, width, 2, stride=2),
        SwapAxes(),
        nn.LayerNorm(width),
        nn.SiLU(),
    ]
