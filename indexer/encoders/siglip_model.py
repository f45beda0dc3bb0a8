"""A SigLIP checkpoint from its folder: what both towers share."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from store.errors import CheckpointError
from store.pretrained import check_pretrained, load_pretrained, read_json

KIND = "siglip"
"""Of SigLIP 2's checkpoints with one picture size too; those of any size (NaFlex) are another."""


def load_siglip(folder: Path) -> Any:
    """Load both towers in float32.

    Args:
        folder: With ``config.json`` and safetensors.

    Raises:
        WeightsMissingError: A file is not there.
        CheckpointError: It is of another kind, or a tensor is missing, left over or misshapen.
        DeviceMemoryError: It has no room.
    """
    return load_pretrained(_class_of(folder), folder, torch.float32)


def check_siglip(folder: Path) -> None:
    """Account for every tensor as loading does, reading names and shapes alone.

    Raises as ``load_siglip``.
    """
    check_pretrained(_class_of(folder), folder)


def _class_of(folder: Path) -> Any:
    from transformers import SiglipModel

    kind = read_json(folder / "config.json").get("model_type")
    if kind != KIND:
        raise CheckpointError(
            f"{folder} holds a model of type {kind!r}; name a SigLIP or SigLIP 2 checkpoint of "
            "one picture size, such as google/siglip2-base-patch16-224"
        )
    return SiglipModel


def unit_rows(rows: torch.Tensor) -> NDArray[np.float32]:
    """Scale ``(N, D)`` rows to unit L2 norm."""
    found: NDArray[np.float32] = torch.nn.functional.normalize(rows.float(), dim=-1).cpu().numpy()
    return found
