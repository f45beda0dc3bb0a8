"""A checkpoint in the published VideoMind layout whose every weight is drawn at random.

The base bears the tensor names of the release, so that loading goes the way that a published
checkpoint goes. Numbers are drawn on the GPU where there is one.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from benchmarks.videomind.shape import TARGETS, WHOLE_MODULES, Shape
from benchmarks.videomind.tokenizer import build_tokenizer, special_ids
from reasoner.videomind.checkpoints.adapter import TENSORS_FILE, expected_shapes
from reasoner.videomind.checkpoints.adapter_settings import (
    SETTINGS_FILE,
    AdapterSettings,
    peft_settings,
)
from reasoner.videomind.checkpoints.base_weights import SINGLE_FILE, BaseWeights
from reasoner.videomind.checkpoints.checkpoint import (
    CONFIG,
    DECLARED_TOKENS,
    PUBLISHED_DECODER,
    TOKENIZER,
)
from reasoner.videomind.checkpoints.names import LANGUAGE_TREE, PEFT_PREFIX, VISION_TREE
from reasoner.videomind.decoder import TimestampDecoder

SEED = 29
DROPOUT = 0.1
BASE = "base"
FORMAT = {"format": "pt"}


def build_checkpoint(folder: Path, shape: Shape) -> Path:
    """Write a checkpoint with adapters for planner, grounder and verifier.

    Args:
        folder: Made if it is not there; 2B takes 6.5 GB.
        shape: How large.

    Returns:
        The folder.
    """
    draw = _Draw(SEED, shape.deviation)
    tokenizer = build_tokenizer(shape.first_special)
    _build_base(folder / BASE, shape, tokenizer, draw)
    tokenizer.save(str(folder / TOKENIZER))
    base = BaseWeights(folder / BASE)
    for role, whole in WHOLE_MODULES.items():
        settings = AdapterSettings(shape.rank, shape.rank, DROPOUT, TARGETS, whole)
        _build_adapter(folder / role, settings, base, draw)
    save_file(_decoder_tensors(shape.hidden_size), folder / PUBLISHED_DECODER, FORMAT)
    config = {
        "model_type": "agent_qwen2_vl",
        "base_model_path": BASE,
        "eos_token_id": special_ids(tokenizer)["im_end"],
    }
    added = {name: tokenizer.token_to_id(token) for name, token in DECLARED_TOKENS.items()}
    _write(folder / CONFIG, config | added)
    return folder


def base_config(shape: Shape, ids: Mapping[str, int]) -> Any:
    """Return the configuration of the base model.

    Args:
        shape: How large.
        ids: Of the special tokens, by name without brackets.
    """
    from transformers.models.qwen2_vl.configuration_qwen2_vl import Qwen2VLConfig

    ends = {"eos_token_id": ids["im_end"], "bos_token_id": ids["endoftext"]}
    return Qwen2VLConfig(
        text_config=shape.text | ends,
        vision_config=dict(shape.vision),
        image_token_id=ids["image_pad"],
        video_token_id=ids["video_pad"],
        vision_start_token_id=ids["vision_start"],
        vision_end_token_id=ids["vision_end"],
        tie_word_embeddings=True,
    )


def base_shapes(config: Any) -> dict[str, tuple[int, ...]]:
    """Return the shapes of all tensors of a base model, by name; the tied head is left out."""
    from transformers import Qwen2VLForConditionalGeneration

    with torch.device("meta"):
        model = Qwen2VLForConditionalGeneration(config)
    return {name: tuple(tensor.shape) for name, tensor in model.named_parameters()}


class _Draw:
    """Random tensors in bfloat16, the same for one seed and device."""

    def __init__(self, seed: int, deviation: float) -> None:
        self._deviation = deviation
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._generator = torch.Generator(self._device).manual_seed(seed)

    def tensors(self, shapes: Iterable[tuple[str, tuple[int, ...]]]) -> dict[str, torch.Tensor]:
        """Draw tensors by name; gains of normalisations are 1 and what is added to them 0."""
        return {name: self._tensor(name, shape).cpu() for name, shape in shapes}

    def _tensor(self, name: str, shape: tuple[int, ...]) -> torch.Tensor:
        options: dict[str, Any] = {"dtype": torch.bfloat16, "device": self._device}
        if len(shape) == 1:
            fill = 1.0 if name.endswith("weight") else 0.0
            return torch.full(shape, fill, **options)
        return torch.randn(shape, generator=self._generator, **options).mul_(self._deviation)


def _build_base(folder: Path, shape: Shape, tokenizer: Any, draw: _Draw) -> None:
    folder.mkdir(parents=True)
    config = base_config(shape, special_ids(tokenizer))
    config.save_pretrained(folder)
    shapes = base_shapes(config).items()
    save_file(
        draw.tensors((_published_name(name), size) for name, size in shapes),
        folder / SINGLE_FILE,
        FORMAT,
    )
    tokenizer.save(str(folder / TOKENIZER))


def _build_adapter(folder: Path, settings: AdapterSettings, base: BaseWeights, draw: _Draw) -> None:
    folder.mkdir()
    shapes = expected_shapes(settings, base.shapes).items()
    save_file(
        draw.tensors((PEFT_PREFIX + _published_name(name), size) for name, size in sorted(shapes)),
        folder / TENSORS_FILE,
        FORMAT,
    )
    _write(folder / SETTINGS_FILE, peft_settings(settings))


def _decoder_tensors(hidden_size: int) -> dict[str, torch.Tensor]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        decoder = TimestampDecoder(hidden_size)
    return {
        PEFT_PREFIX + name: tensor.half().contiguous()
        for name, tensor in decoder.state_dict().items()
    }


def _published_name(name: str) -> str:
    """Return the name that a tensor of today's tree has in the release."""
    if name.startswith(VISION_TREE):
        return name.removeprefix("model.")
    if name.startswith(LANGUAGE_TREE):
        return f"model.{name.removeprefix(LANGUAGE_TREE)}"
    return name


def _write(path: Path, values: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(dict(values)), "utf-8")
