"""The timestamp decoder's file: published with peft's prefix, converted without."""

from pathlib import Path

import torch

from reasoner.videomind.checkpoints.adapter import read_tensors
from reasoner.videomind.checkpoints.names import PEFT_PREFIX
from store.errors import CheckpointError

PUBLISHED_DECODER = "pytorch_model.safetensors"
"""Its name in the published folder, where it holds the decoder and nothing of the model."""
CONVERTED_DECODER = "decoder.safetensors"


def read_decoder(path: Path) -> dict[str, torch.Tensor]:
    """Read the timestamp decoder's tensors under their plain names, in the file's type.

    Raises:
        WeightsMissingError: There is no such file.
        CheckpointError: It is damaged, or holds a tensor twice, with and without prefix.
    """
    stored, _ = read_tensors(path)
    plain = {name.removeprefix(PEFT_PREFIX): tensor for name, tensor in stored.items()}
    if len(plain) != len(stored):
        raise CheckpointError(f"{path} holds a tensor twice; fetch the checkpoint again")
    return plain
