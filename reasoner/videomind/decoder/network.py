"""The timestamp decoder: frames and one query token in, a span and a score at every point out.

A module of its own rather than a part of the language model, which may be quantised, halved or
replaced while this one stays float32.

Source:
    Liu et al., "VideoMind: A Chain-of-LoRA Agent for Temporal-Grounded Video Reasoning", ICLR 2026,
    and the published code: parameter names, shapes and constants. It differs in that it is always
    float32, that a batch may have any number of rows, and that no length is refused (the published
    table of points ends at 1024 frames).
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from reasoner.videomind.decoder.attention import EncoderLayer
from reasoner.videomind.decoder.embedding import ModalityEmbedding, relative_positions
from reasoner.videomind.decoder.nms import Proposals
from reasoner.videomind.decoder.point import boundaries_at, point_table
from reasoner.videomind.decoder.pyramid import ConvolutionHead, LevelScale, Pyramid

WIDTH = 256
NUM_LAYERS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """What the heads say at every point.

    Attributes:
        class_logits: ``(B, N)``; the sigmoid is the score.
        distances: ``(B, N, 2)`` back to the start and on to the end, in strides of the point.
    """

    class_logits: Tensor
    distances: Tensor


class TimestampDecoder(nn.Module):
    """Reads a moment out of a language model's states.

    Args:
        hidden_size: ``D``, length of the language model's states: 1536 for 2B, 3584 for 7B.
    """

    def __init__(self, hidden_size: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.vis_proj = nn.Sequential(nn.LayerNorm(hidden_size), nn.Linear(hidden_size, WIDTH))
        self.reg_proj = nn.Sequential(nn.LayerNorm(hidden_size), nn.Linear(hidden_size, WIDTH))
        self.vis_norm = nn.LayerNorm(WIDTH)
        self.vis_fuse = nn.ModuleList(EncoderLayer(WIDTH) for _ in range(NUM_LAYERS))
        self.vis_emb = ModalityEmbedding(WIDTH)
        self.reg_emb = ModalityEmbedding(WIDTH)
        self.pyramid = Pyramid(WIDTH)
        self.class_head = ConvolutionHead(WIDTH, 1)
        self.coord_head = ConvolutionHead(WIDTH, 2)
        self.coef = LevelScale()

    def reset_convolutions(self, generator: torch.Generator | None = None) -> None:
        """Draw the convolutions anew, as before training: Xavier-uniform weights, no bias.

        Args:
            generator: Makes the draw repeatable; torch's own where none is given.
        """
        for module in self.modules():
            if isinstance(module, nn.Conv1d) and module.bias is not None:
                nn.init.xavier_uniform_(module.weight, generator=generator)
                nn.init.zeros_(module.bias)

    def forward(self, frame_states: Tensor, reg_states: Tensor) -> Prediction:
        """Predict at every point.

        Args:
            frame_states: ``(B, T, D)``, as ``pool_frames`` averages them.
            reg_states: ``(B, D)``, the state that predicted ``<|reg|>``, before the final norm.

        Raises:
            ValueError: The shapes do not fit, or there is no frame.
        """
        return self.predict(self.encode(frame_states, reg_states)[-1][:, :-1])

    def encode(self, frame_states: Tensor, reg_states: Tensor) -> list[Tensor]:
        """Let frames and query read each other.

        Returns:
            ``(B, T + 1, 256)`` after each layer, normed; the query's token stands last.

        Raises:
            ValueError: The shapes do not fit, or there is no frame.
        """
        batch, num_frames = frame_states.shape[0], frame_states.shape[1]
        if reg_states.shape != (batch, self.hidden_size) or not num_frames:
            raise ValueError(
                f"needs (B, T, {self.hidden_size}) and (B, {self.hidden_size}) with T at least 1, "
                f"got {tuple(frame_states.shape)} and {tuple(reg_states.shape)}"
            )
        frames = self.vis_emb(self.vis_proj(frame_states.float()))
        frames = frames + relative_positions(num_frames, WIDTH, frames.device)
        query = self.reg_emb(self.reg_proj(reg_states.float())[:, None])
        tokens, normed = torch.cat((frames, query), dim=1), []
        for layer in self.vis_fuse:
            tokens = layer(tokens)
            normed.append(self.vis_norm(tokens))
        return normed

    def predict(self, features: Tensor) -> Prediction:
        """Apply pyramid and heads to frames' features, ``(B, T, 256)``."""
        levels = self.pyramid(features)
        distances = self.coef(self.coord_head(levels), features.shape[1])
        return Prediction(self.class_head(levels).squeeze(-1), distances)

    @torch.inference_mode()
    def propose(self, frame_states: Tensor, reg_state: Tensor) -> Proposals:
        """Propose a span at every point of one video.

        Args:
            frame_states: ``(T, D)``, as ``pool_frames`` averages them.
            reg_state: ``(D,)``, the state that predicted ``<|reg|>``, before the final norm.

        Returns:
            Spans and scores in the order of ``point_table``, on the CPU.

        Raises:
            ValueError: The shapes do not fit, there is no frame, or the module is in training mode.
        """
        if self.training:
            raise ValueError("a decoder in training mode leaves layers out; call eval() first")
        predicted = self(frame_states[None], reg_state[None])
        num_frames = frame_states.shape[0]
        points = point_table(num_frames, frame_states.device)
        boundaries = boundaries_at(points, predicted.distances[0], num_frames)
        scores = predicted.class_logits[0].sigmoid()
        return Proposals(
            boundaries.cpu().numpy().astype(np.float32), scores.cpu().numpy().astype(np.float32)
        )
