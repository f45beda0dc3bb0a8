"""The transformer layer in which frames and the query's token read each other.

Source:
    Vaswani et al., "Attention Is All You Need", NeurIPS 2017, with the norms before the sublayers;
    stochastic depth after Huang et al., ECCV 2016. Names of parameters as VideoMind publishes them.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

NUM_HEADS = 8
FEED_FORWARD_RATIO = 4
DROP_PATH_RATE = 0.1


class SelfAttention(nn.Module):
    """Multi-head attention of all tokens to all tokens, without a mask.

    Args:
        width: Length of a token, a multiple of ``NUM_HEADS``.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.q = nn.Linear(width, width)
        self.k = nn.Linear(width, width)
        self.v = nn.Linear(width, width)
        self.m = nn.Linear(width, width)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map ``(B, T, D)`` to ``(B, T, D)``."""
        q, k, v = (
            project(tokens).unflatten(-1, (NUM_HEADS, -1)).transpose(1, 2)
            for project in (self.q, self.k, self.v)
        )
        read = F.scaled_dot_product_attention(q, k, v)
        mixed: Tensor = self.m(read.transpose(1, 2).flatten(-2))
        return mixed


class FeedForward(nn.Module):
    """Two linear maps around SiLU, on each token alone."""

    def __init__(self, width: int) -> None:
        super().__init__()
        hidden = FEED_FORWARD_RATIO * width
        self.mapping = nn.Sequential(nn.Linear(width, hidden), nn.SiLU(), nn.Linear(hidden, width))

    def forward(self, tokens: Tensor) -> Tensor:
        """Map ``(B, T, D)`` to ``(B, T, D)``."""
        mapped: Tensor = self.mapping(tokens)
        return mapped


class EncoderLayer(nn.Module):
    """Attention, then feed-forward, each added to what it was given after a norm.

    In training a whole branch of a row of the batch is left out with ``DROP_PATH_RATE``; the rows
    that keep it are scaled so that the expectation stays.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.self_att = SelfAttention(width)
        self.self_att_norm = nn.LayerNorm(width)
        self.ffn = FeedForward(width)
        self.ffn_norm = nn.LayerNorm(width)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map ``(B, T, D)`` to ``(B, T, D)``."""
        tokens = tokens + self._drop_path(self.self_att(self.self_att_norm(tokens)))
        return tokens + self._drop_path(self.ffn(self.ffn_norm(tokens)))

    def _drop_path(self, branch: Tensor) -> Tensor:
        if not self.training:
            return branch
        kept = torch.rand(branch.shape[0], 1, 1, device=branch.device) >= DROP_PATH_RATE
        return branch * kept / (1 - DROP_PATH_RATE)
