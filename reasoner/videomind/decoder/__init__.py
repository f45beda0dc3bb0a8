"""The timestamp decoder of VideoMind's grounder: states in, ranked spans out; and how it learns.

``network`` reads, ``nms`` ranks, ``losses`` teaches, ``checkpoint`` keeps.
"""

from reasoner.videomind.decoder.checkpoint import (
    load_decoder,
    load_published_decoder,
    open_decoder,
    save_decoder,
)
from reasoner.videomind.decoder.embedding import pool_frames
from reasoner.videomind.decoder.losses import DecoderLoss, GroundingTarget, decoder_loss
from reasoner.videomind.decoder.network import TimestampDecoder
from reasoner.videomind.decoder.nms import Proposals, RankedSpans, rank

__all__ = [
    "DecoderLoss",
    "GroundingTarget",
    "Proposals",
    "RankedSpans",
    "TimestampDecoder",
    "decoder_loss",
    "load_decoder",
    "load_published_decoder",
    "open_decoder",
    "pool_frames",
    "rank",
    "save_decoder",
]
