"""What is added to a token before the encoder: what kind it is, and where in the video.

``pool_frames`` stands here too: it makes the tokens.
"""

import math

import torch
from torch import Tensor, nn

WAVELENGTH_BASE = 10000.0
POSITION_EPSILON = 1e-6


def pool_frames(states: Tensor, window: int) -> Tensor:
    """Average the states of each frame's tokens.

    Args:
        states: ``(T * window, D)``, frame after frame, of any floating type.
        window: Tokens of one frame.

    Returns:
        ``(T, D)`` float32; the sums are taken in float32.

    Raises:
        ValueError: There is no state, or the last frame is not whole.
    """
    if window < 1 or not len(states) or len(states) % window:
        raise ValueError(f"{len(states)} tokens are no whole frames of {window} tokens")
    return states.float().reshape(-1, window, states.shape[-1]).mean(dim=1)


class ModalityEmbedding(nn.Module):
    """One learned vector, added to every token of a kind."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.randn(1, 1, width) / math.sqrt(width))

    def forward(self, tokens: Tensor) -> Tensor:
        """Map ``(B, T, D)`` to ``(B, T, D)``."""
        return tokens + self.weights


def relative_positions(num_frames: int, width: int, device: torch.device) -> Tensor:
    """Write each frame's place in the video as sines and cosines.

    The video is one turn of the circle whatever its length: frame ``k`` of ``T``, counted from 1,
    stands at ``2 pi k / T``.

    Args:
        num_frames: ``T``.
        width: ``D``, even.
        device: Where to write it.

    Returns:
        ``(T, D)`` float32; sine and cosine of one wavelength stand side by side.

    Source:
        Carion et al., "End-to-End Object Detection with Transformers", ECCV 2020, in one dimension.
    """
    place = torch.arange(1, num_frames + 1, dtype=torch.float32, device=device)
    angle = place / (num_frames + POSITION_EPSILON) * (2 * math.pi)
    exponent = torch.arange(0, width, 2, dtype=torch.float32, device=device) / width
    turned = angle[:, None] / WAVELENGTH_BASE**exponent
    return torch.stack((turned.sin(), turned.cos()), dim=-1).flatten(1)
