"""A checkpoint with the role that was trained: the other roles as they were, the base named."""

import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from reasoner.videomind.checkpoints.adapter import Adapter, read_adapter
from reasoner.videomind.checkpoints.base_weights import BaseWeights
from reasoner.videomind.checkpoints.checkpoint import (
    CONVERTED_DECODER,
    ROLES,
    TOKENIZER,
    Checkpoint,
)
from reasoner.videomind.checkpoints.conversion import copy_decoder, write_adapter, write_config
from reasoner.videomind.decoder import TimestampDecoder, save_decoder
from reasoner.videomind.prompts import SPECIAL_TOKENS
from reasoner.videomind.tokens import single_token
from store.errors import CheckpointError


def write_trained(
    checkpoint: Checkpoint,
    role: str,
    adapter: Adapter,
    decoder: TimestampDecoder | None,
    tokenizer: Any,
    target: Path,
) -> None:
    """Write the converted form of a checkpoint with one role's adapter new.

    Args:
        checkpoint: That the role was trained from.
        role: That was trained.
        adapter: What it learned.
        decoder: Likewise; ``None`` keeps the checkpoint's own.
        tokenizer: With VideoMind's tokens.
        target: Made whole or not at all; nothing is there yet.

    Raises:
        CheckpointError: An adapter of another role, or the decoder that is kept, is damaged.
    """
    base = BaseWeights(checkpoint.base)
    adapters = {
        name: adapter if name == role else read_adapter(checkpoint.adapters[name], base)
        for name in ROLES
        if name == role or name in checkpoint.adapters
    }
    beside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        for name, each in adapters.items():
            write_adapter(each, beside / name, base)
        if decoder is None:
            copy_decoder(checkpoint, beside)
        else:
            save_decoder(decoder, beside / CONVERTED_DECODER)
        tokenizer.save(str(beside / TOKENIZER))
        written = replace(
            checkpoint,
            adapters={name: beside / name for name in adapters},
            decoder=checkpoint.decoder if decoder is None else beside / CONVERTED_DECODER,
            declared_tokens={token: single_token(tokenizer, token) for token in SPECIAL_TOKENS},
        )
        write_config(written, beside, target)
        beside.chmod(0o755)
        os.rename(beside, target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def add_role_tokens(tokenizer: Any, num_rows: int) -> None:
    """Give a base model's tokenizer the tokens that VideoMind adds; those it has stay.

    Args:
        tokenizer: A ``tokenizers.Tokenizer``; changed in place.
        num_rows: Of the embeddings, which are not enlarged: new tokens take unused rows.

    Raises:
        CheckpointError: There are not enough rows.
    """
    from tokenizers import AddedToken

    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in SPECIAL_TOKENS])
    last = max(single_token(tokenizer, token) for token in SPECIAL_TOKENS)
    if last >= num_rows:
        raise CheckpointError(
            f"the embeddings have {num_rows} rows and token {last} is to be learned; "
            "train from Qwen2-VL, whose embeddings have rows to spare"
        )
