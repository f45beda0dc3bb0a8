"""The roles that see, put together over one resident model."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reasoner.chain import Chain
from reasoner.interfaces import EvidenceSource, FrameSource, MomentSource, Planner
from reasoner.options import ChainOptions
from reasoner.videomind.answerer import VideoMindAnswerer
from reasoner.videomind.backbone import PositionRule, load_backbone
from reasoner.videomind.base_model import check_base_model
from reasoner.videomind.checkpoints.adapter import read_adapter
from reasoner.videomind.checkpoints.base_weights import BaseWeights
from reasoner.videomind.checkpoints.checkpoint import Checkpoint, open_checkpoint
from reasoner.videomind.decoder import TimestampDecoder, open_decoder
from reasoner.videomind.grounder import VideoMindGrounder
from reasoner.videomind.model_input import Grid
from reasoner.videomind.mrope import VisionTokens, mrope_positions
from reasoner.videomind.options import BackboneOptions
from reasoner.videomind.planner import VideoMindPlanner
from reasoner.videomind.sampling import GROUNDER_VIDEO
from reasoner.videomind.scores import MAX_CANDIDATES
from reasoner.videomind.tokens import (
    RoleTokens,
    VideoTokens,
    read_tokenizer,
    role_tokens,
    video_tokens,
)
from reasoner.videomind.verifier import VideoMindVerifier
from reasoner.videomind.video_model import VideoModel
from store.devices import device_memory
from store.errors import WeightsMissingError

DENSE_SECONDS = GROUNDER_VIDEO.max_frames / GROUNDER_VIDEO.fps
"""What the grounder sees at its full rate: a video as short is shown whole, a window no longer."""
SEEING = ChainOptions(
    whole_video_seconds=DENSE_SECONDS, max_window_seconds=DENSE_SECONDS, max_spans=MAX_CANDIDATES
)
"""How far the chain looks where its roles see."""
NEEDED_ADAPTERS = ("grounder", "verifier")


@dataclass(frozen=True, slots=True, eq=False)
class LoadedVideoMind:
    """A checkpoint in memory."""

    model: VideoModel
    tokens: RoleTokens
    decoder: TimestampDecoder
    checkpoint: Checkpoint


def load_videomind(
    folder: Path,
    frames: FrameSource,
    base: Path | None = None,
    options: BackboneOptions | None = None,
) -> LoadedVideoMind:
    """Load the base model once, the adapters on it and the timestamp decoder beside it.

    Args:
        folder: Of a published or converted checkpoint.
        frames: Where pictures come from.
        base: Of the base model; by default where the checkpoint says.
        options: Where and how precisely it computes.

    Raises:
        WeightsMissingError: A file is not there, or the checkpoint cannot ground or verify.
        CheckpointError: A tensor is missing, left over or misshapen.
        DeviceMemoryError: The model has no room.
    """
    checkpoint = open_checkpoint(folder, base)
    decoder_file = _needed(checkpoint)
    tokenizer = read_tokenizer(checkpoint)
    tokens = role_tokens(tokenizer, checkpoint)
    model = _video_model(checkpoint, tokenizer, frames, options)
    decoder = open_decoder(decoder_file)
    with device_memory():
        decoder.to(model.backbone.device)
    return LoadedVideoMind(model, tokens, decoder, checkpoint)


def check_videomind(folder: Path, base: Path | None = None, captions: bool = False) -> None:
    """Account for every tensor of a checkpoint as loading does, one adapter in memory at a time.

    Of the base model names and shapes are read, and the matrices that rows were told against.

    Args:
        folder: Of a published or converted checkpoint.
        base: Of the base model; by default where the checkpoint says.
        captions: Whether the base model must have what ``base_under`` takes of it.

    Raises as ``load_videomind``, and ``WeightsDigestError`` for another base than rows were told
    against.
    """
    checkpoint = open_checkpoint(folder, base)
    decoder_file = _needed(checkpoint)
    tokenizer = read_tokenizer(checkpoint)
    role_tokens(tokenizer, checkpoint)
    video_tokens(tokenizer)
    _check_weights(checkpoint)
    open_decoder(decoder_file)
    if captions:
        video_tokens(read_tokenizer(open_checkpoint(checkpoint.base)))


def check_base(folder: Path) -> None:
    """Account for every tensor of a base model alone, and for the tokens around pictures.

    Raises as ``load_base``.
    """
    checkpoint = open_checkpoint(folder)
    video_tokens(read_tokenizer(checkpoint))
    _check_weights(checkpoint)


def _check_weights(checkpoint: Checkpoint) -> None:
    check_base_model(checkpoint.base)
    weights = BaseWeights(checkpoint.base)
    for adapter in checkpoint.adapters.values():
        read_adapter(adapter, weights)


def _needed(checkpoint: Checkpoint) -> Path:
    """Return the decoder's file, where the checkpoint has all that it takes to ground."""
    missing = [role for role in NEEDED_ADAPTERS if role not in checkpoint.adapters]
    if checkpoint.decoder is None or missing:
        lacks = ", ".join([*missing, *([] if checkpoint.decoder else ["timestamp decoder"])])
        raise WeightsMissingError(
            f"{checkpoint.folder} has no {lacks}; name the folder of a whole VideoMind checkpoint"
        )
    return checkpoint.decoder


def load_base(
    folder: Path, frames: FrameSource, options: BackboneOptions | None = None
) -> VideoModel:
    """Load a base model alone, which writes captions and cannot ground.

    Raises:
        WeightsMissingError: A file is not there.
        CheckpointError: A tensor is missing, left over or misshapen.
    """
    checkpoint = open_checkpoint(folder)
    return _video_model(checkpoint, read_tokenizer(checkpoint), frames, options)


def base_under(loaded: LoadedVideoMind, frames: FrameSource) -> VideoModel:
    """Return the base model of a loaded checkpoint, as ``load_base`` would load it.

    Its weights are those in memory; tokenizer and end tokens are its own, not the checkpoint's.

    Raises:
        WeightsMissingError: A file is not there.
        CheckpointError: A file is damaged.
    """
    base = open_checkpoint(loaded.checkpoint.base)
    tokenizer = read_tokenizer(base)
    tokens = video_tokens(tokenizer)
    return VideoModel(loaded.model.backbone, tokenizer, tokens, base.end_token_ids, frames)


def _video_model(
    checkpoint: Checkpoint, tokenizer: Any, frames: FrameSource, options: BackboneOptions | None
) -> VideoModel:
    tokens = video_tokens(tokenizer)
    backbone = load_backbone(checkpoint, tokens.video_pad, position_rule(tokens), options)
    return VideoModel(backbone, tokenizer, tokens, checkpoint.end_token_ids, frames)


def position_rule(tokens: VideoTokens) -> PositionRule:
    """Return how positions are computed, in the form that the backbone takes."""
    vision = VisionTokens(tokens.vision_start, tokens.image_pad, tokens.video_pad)

    def positions(
        ids: NDArray[np.int64], grids: Sequence[Grid], intervals: Sequence[float]
    ) -> tuple[Any, Any]:
        placed = mrope_positions(ids, vision, video_grids=grids, video_intervals=intervals)
        return placed.ids, placed.deltas

    return positions


def videomind_chain(
    library: EvidenceSource,
    retriever: MomentSource,
    rules: Planner,
    loaded: LoadedVideoMind,
    model_id: str,
    options: ChainOptions | None = None,
) -> Chain:
    """Return the chain over a loaded checkpoint.

    Args:
        library: Where evidence is read.
        retriever: Where moments are found.
        rules: Reads limits in a question; plans alone where the checkpoint has no planner.
        loaded: The model.
        model_id: Name and revision of the checkpoint.
        options: How far the chain looks.
    """
    has_planner = "planner" in loaded.checkpoint.adapters
    return Chain(
        library=library,
        retriever=retriever,
        planner=VideoMindPlanner(loaded.model, rules) if has_planner else rules,
        grounder=VideoMindGrounder(loaded.model, loaded.decoder, loaded.tokens.reg),
        verifier=VideoMindVerifier(loaded.model, loaded.tokens),
        answerer=VideoMindAnswerer(loaded.model, library),
        options=options or SEEING,
        model_revisions={
            "planner": model_id if has_planner else "rules",
            "grounder": model_id,
            "verifier": model_id,
            "answerer": model_id,
        },
    )
