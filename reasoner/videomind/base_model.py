"""The base model through transformers: the class for its kind, and how it computes."""

from pathlib import Path
from typing import Any

import torch

from reasoner.videomind.checkpoints.checkpoint import CONFIG
from reasoner.videomind.options import BackboneOptions
from store.errors import CheckpointError
from store.pretrained import check_pretrained, load_pretrained, read_json

CLASSES = {
    "qwen2_vl": "Qwen2VLForConditionalGeneration",
    "qwen2_5_vl": "Qwen2_5_VLForConditionalGeneration",
}
"""Class in transformers, by ``model_type``."""


def load_base_model(folder: Path, dtype: torch.dtype) -> Any:
    """Load a base model onto the CPU, for inference.

    Args:
        folder: With ``config.json`` and the weights.
        dtype: That it computes in.

    Raises:
        WeightsMissingError: There is no ``config.json``.
        CheckpointError: It is of another kind, or a tensor is missing, left over or misshapen.
        DeviceMemoryError: It has no room.
    """
    return load_pretrained(_class_of(folder), folder, dtype)


def check_base_model(folder: Path) -> None:
    """Account for every tensor of a base model as loading does, reading names and shapes alone.

    Raises as ``load_base_model``.
    """
    check_pretrained(_class_of(folder), folder)


def _class_of(folder: Path) -> Any:
    import transformers

    kind = read_json(folder / CONFIG).get("model_type")
    if kind not in CLASSES:
        raise CheckpointError(
            f"{folder} holds a model of type {kind!r}; known are {', '.join(CLASSES)}"
        )
    return getattr(transformers, CLASSES[kind])


def step_interval(model: Any, step_seconds: float) -> float:
    """Return by how many positions a video's time steps are apart: one, or as the seconds are.

    Args:
        model: As ``load_base_model`` returns it; Qwen2.5-VL's configuration tells how many
            positions a second is, Qwen2-VL's does not.
        step_seconds: Of the video, for each time step.
    """
    per_second: float | None = getattr(model.config.vision_config, "tokens_per_second", None)
    return 1.0 if per_second is None else per_second * step_seconds


def dtype_of(options: BackboneOptions, device: torch.device) -> torch.dtype:
    """Choose the precision for a device."""
    if options.precision != "auto":
        dtype: torch.dtype = getattr(torch, options.precision)
        return dtype
    if device.type == "cpu":
        return torch.float32
    # What is emulated is slower than float16.
    is_native = torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if is_native else torch.float16
