"""What the decoder is trained to lessen, in three parts.

Every layer of the encoder is judged by the same heads (deep supervision), so a batch has a row for
each layer and ``<|reg|>`` token. Parts are summed over rows.

Source:
    Lin et al., "Focal Loss for Dense Object Detection", ICCV 2017; van den Oord et al.,
    "Representation Learning with Contrastive Predictive Coding", 2018; weights, temperature and
    padding as in the published VideoMind code. It differs where a batch holds two videos: the
    published code drops the larger loss of the two, here each video's loss is returned.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from reasoner.videomind.decoder.assignment import PointTargets, assign_points
from reasoner.videomind.decoder.network import NUM_LAYERS, TimestampDecoder
from reasoner.videomind.decoder.point import STRIDES, level_lengths, point_table

CLASSIFICATION_WEIGHT = 5.0
REGRESSION_WEIGHT = 1.0
SALIENCY_WEIGHT = 0.05
FOCUS = 2
SALIENCY_TEMPERATURE = 0.07
MIN_FRAMES = STRIDES[-1]
"""A shorter video is padded to this many frames, so that every level has a point."""


@dataclass(frozen=True, slots=True, eq=False)
class GroundingTarget:
    """What one video should ground to.

    Attributes:
        spans: For each ``<|reg|>`` token ``(G, 2)`` starts and ends as fractions of the video.
        saliency: ``(T,)``; how much each frame belongs to what was asked, 0 or 1 where only spans
            are known.
        positive_frame: A frame that belongs to it, drawn by the caller; the others are contrasted
            with it.
    """

    spans: Sequence[Tensor]
    saliency: Tensor
    positive_frame: int

    def __post_init__(self) -> None:
        if not 0 <= self.positive_frame < len(self.saliency):
            raise ValueError(
                f"positive_frame is one of {len(self.saliency)} frames, got {self.positive_frame}"
            )


@dataclass(frozen=True, slots=True, eq=False)
class DecoderLoss:
    """The weighted parts, each summed over layers and ``<|reg|>`` tokens.

    Attributes:
        classification: Does the point belong to a span.
        regression: Where that span starts and ends.
        saliency: Is the positive frame nearer the query than the others.
        num_queries: ``<|reg|>`` tokens that the sums hold.
    """

    classification: Tensor
    regression: Tensor
    saliency: Tensor
    num_queries: int

    @property
    def total(self) -> Tensor:
        """What is added to the language model's loss."""
        return (self.classification + self.regression + self.saliency) / self.num_queries


def decoder_loss(
    decoder: TimestampDecoder, frame_states: Tensor, reg_states: Tensor, target: GroundingTarget
) -> DecoderLoss:
    """Run the decoder on one video and judge it.

    Args:
        decoder: In training mode layers are left out at random; torch's seed decides which.
        frame_states: ``(T, D)``, as ``pool_frames`` averages them.
        reg_states: ``(R, D)``, the states that predicted each ``<|reg|>``.
        target: What they should ground to, for ``T`` frames and ``R`` tokens.

    Raises:
        ValueError: The numbers of frames or tokens differ, there is no token, or one has no span.
    """
    num_frames, num_queries = len(frame_states), len(reg_states)
    if not num_queries:
        raise ValueError("needs at least one <|reg|> token to judge")
    if len(target.spans) != num_queries or len(target.saliency) != num_frames:
        raise ValueError(
            f"target is for {len(target.saliency)} frames and {len(target.spans)} tokens, "
            f"the states are for {num_frames} and {num_queries}"
        )
    layers = decoder.encode(frame_states.expand(num_queries, -1, -1), reg_states)
    tokens = torch.cat(layers)
    frames, query = tokens[:, :-1], tokens[:, -1:]
    padded_frames = max(num_frames, MIN_FRAMES)
    predicted = decoder.predict(F.pad(frames, (0, 0, 0, padded_frames - num_frames)))
    targets = point_targets(target, num_frames, padded_frames, frames.device)
    is_valid = valid_points(num_frames, padded_frames, frames.device)
    return DecoderLoss(
        classification_loss(predicted.class_logits, targets.is_positive, is_valid),
        regression_loss(predicted.distances, targets),
        saliency_loss(frames, query, target.saliency.to(frames.device), target.positive_frame),
        num_queries,
    )


def point_targets(
    target: GroundingTarget, num_frames: int, padded_frames: int, device: torch.device
) -> PointTargets:
    """Assign the points of a padded video, once for each layer and ``<|reg|>`` token."""
    points = point_table(padded_frames, device)
    rows = [assign_points(points, spans.to(device) * num_frames) for spans in target.spans]
    is_positive = torch.stack([row.is_positive for row in rows])
    distances = torch.stack([row.distances for row in rows])
    return PointTargets(is_positive.repeat(NUM_LAYERS, 1), distances.repeat(NUM_LAYERS, 1, 1))


def valid_points(num_frames: int, padded_frames: int, device: torch.device | None = None) -> Tensor:
    """Return ``(N,)`` bool: the points of a padded video whose stride holds a frame of it."""
    strides = zip(level_lengths(padded_frames), STRIDES, strict=False)
    return torch.cat(
        [torch.arange(length, device=device) * stride < num_frames for length, stride in strides]
    )


def classification_loss(class_logits: Tensor, is_positive: Tensor, is_valid: Tensor) -> Tensor:
    """Focal loss without class weights: mean over valid points, summed over rows, times 5.

    Args:
        class_logits: ``(B, N)``.
        is_positive: ``(B, N)`` bool.
        is_valid: ``(N,)`` or ``(B, N)`` bool.
    """
    labels = is_positive.to(class_logits.dtype)
    entropy = F.binary_cross_entropy_with_logits(class_logits, labels, reduction="none")
    missed = (labels - class_logits.sigmoid()).abs()
    rows = _mean_where(missed**FOCUS * entropy, is_valid.expand_as(is_positive))
    return CLASSIFICATION_WEIGHT * rows.sum()


def regression_loss(distances: Tensor, targets: PointTargets) -> Tensor:
    """L1 distance in strides: mean over both ends of the positive points, summed over rows.

    A row without a positive point adds nothing.

    Args:
        distances: ``(B, N, 2)``.
        targets: For the same points.
    """
    apart = (distances - targets.distances).abs().mean(dim=-1)
    return REGRESSION_WEIGHT * _mean_where(apart, targets.is_positive).sum()


def saliency_loss(frames: Tensor, query: Tensor, saliency: Tensor, positive_frame: int) -> Tensor:
    """Sampled contrastive loss: the positive frame against all that are no more salient.

    Args:
        frames: ``(B, T, D)`` features.
        query: ``(B, 1, D)`` feature of the query's token.
        saliency: ``(T,)``.
        positive_frame: Index of the positive.
    """
    logits = F.cosine_similarity(frames, query, dim=-1) / SALIENCY_TEMPERATURE
    contrasted = logits.masked_fill(saliency > saliency[positive_frame], -torch.inf)
    return -SALIENCY_WEIGHT * contrasted.log_softmax(dim=-1)[:, positive_frame].sum()


def _mean_where(values: Tensor, chosen: Tensor) -> Tensor:
    """Average ``(B, N)`` over the chosen entries of each row; 0 where none is chosen."""
    return (values * chosen).sum(dim=-1) / chosen.sum(dim=-1).clamp(min=1)
