"""A checkpoint rewritten for today's transformers, and smaller where it repeats the base.

The base model is not copied: the converted form says where it is, and rows told against it carry
its digest.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file

from reasoner.videomind.checkpoints.adapter import (
    BASE_DIGESTS,
    INDICES,
    ROWS,
    TENSORS_FILE,
    Adapter,
    read_adapter,
)
from reasoner.videomind.checkpoints.adapter_settings import SETTINGS_FILE, peft_settings
from reasoner.videomind.checkpoints.base_weights import BaseWeights
from reasoner.videomind.checkpoints.checkpoint import (
    CONVERTED_CONFIG,
    CONVERTED_DECODER,
    FORMAT,
    PUBLISHED_DECODER,
    TOKENIZER,
    Checkpoint,
    open_checkpoint,
)
from reasoner.videomind.checkpoints.names import PEFT_PREFIX
from reasoner.videomind.checkpoints.row_delta import MAX_CHANGED_SHARE, changed_rows
from reasoner.videomind.decoder.checkpoint import open_decoder, save_decoder
from store.errors import CheckpointError, InputError, WeightsMissingError

GROUNDER = "grounder"
"""The role whose adapter is of no use without the timestamp decoder."""


@dataclass(frozen=True, slots=True)
class ConvertedMatrix:
    """How a matrix that a role replaces whole was stored.

    Attributes:
        name: In today's tree.
        num_rows: Of the matrix.
        num_changed_rows: Those that differ from the base.
        is_delta: Stored as the changed rows; else whole.
    """

    name: str
    num_rows: int
    num_changed_rows: int
    is_delta: bool


@dataclass(frozen=True, slots=True)
class ConvertedRole:
    """What became of a role's adapter."""

    role: str
    num_tensors: int
    source_bytes: int
    num_bytes: int
    matrices: tuple[ConvertedMatrix, ...]


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a conversion wrote."""

    folder: Path
    base: Path
    roles: tuple[ConvertedRole, ...]
    num_decoder_tensors: int


def convert(source: Path, target: Path, base: Path | None = None) -> Conversion:
    """Write the converted form of a published checkpoint.

    Args:
        source: Published, or converted before.
        target: Made whole or not at all; nothing may be there yet.
        base: The base model, where it is not where the source says.

    Raises:
        InputError: Something is at the target.
        WeightsMissingError: A part of the source is not there.
        CheckpointError: A tensor of the source is missing, left over or misshapen, or the source
            is a plain base model, in which there is nothing to convert.
    """
    if target.exists():
        raise InputError(f"{target} exists; name a folder that does not")
    checkpoint = open_checkpoint(source, base)
    if not checkpoint.adapters:
        raise CheckpointError(f"{source} has no adapters to convert; it can be used as it is")
    if GROUNDER in checkpoint.adapters and checkpoint.decoder is None:
        raise WeightsMissingError(
            f"{source} has a {GROUNDER} and no timestamp decoder ({PUBLISHED_DECODER}), without "
            "which it names no moment; fetch the checkpoint again"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        weights = BaseWeights(checkpoint.base)
        roles = [
            _convert_role(role, folder, beside / role, weights)
            for role, folder in checkpoint.adapters.items()
        ]
        num_decoder_tensors = copy_decoder(checkpoint, beside)
        shutil.copyfile(checkpoint.tokenizer, beside / TOKENIZER)
        write_config(checkpoint, beside, target)
        beside.chmod(0o755)
        beside.rename(target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return Conversion(target, checkpoint.base, tuple(roles), num_decoder_tensors)


def write_adapter(adapter: Adapter, target: Path, base: BaseWeights) -> tuple[ConvertedMatrix, ...]:
    """Write an adapter's folder, matrices that mostly repeat the base's as what differs.

    Args:
        adapter: To write.
        target: The folder to make.
        base: The model it adapts.
    """
    tensors: dict[str, torch.Tensor] = {}
    digests: dict[str, str] = {}
    matrices = []
    for name, tensor in adapter.tensors.items():
        if name not in base.shapes:
            tensors[PEFT_PREFIX + name] = tensor
            continue
        delta = changed_rows(tensor, base.tensor(name))
        is_delta = len(delta.indices) <= MAX_CHANGED_SHARE * len(tensor)
        matrices.append(ConvertedMatrix(name, len(tensor), len(delta.indices), is_delta))
        if is_delta:
            tensors[PEFT_PREFIX + name + INDICES] = delta.indices
            tensors[PEFT_PREFIX + name + ROWS] = delta.rows
            digests[name] = base.digest(name)
        else:
            tensors[PEFT_PREFIX + name] = tensor
    target.mkdir()
    # One entry: safetensors writes several in any order, and the same source gives the same bytes.
    metadata = {BASE_DIGESTS: json.dumps(digests)} if digests else {"format": "pt"}
    save_file(tensors, target / TENSORS_FILE, metadata=metadata)
    _write_json(target / SETTINGS_FILE, peft_settings(adapter.settings))
    return tuple(matrices)


def write_config(checkpoint: Checkpoint, folder: Path, target: Path) -> None:
    """Write what makes a folder a converted checkpoint.

    Args:
        checkpoint: Whose roles and tokens the folder holds.
        folder: To write into.
        target: What the folder will be called, from where its base model is told.
    """
    values = {
        "format": FORMAT,
        "base": os.path.relpath(checkpoint.base.resolve(), target.resolve()),
        "roles": list(checkpoint.adapters),
        "has_decoder": checkpoint.decoder is not None,
        "tokens": dict(checkpoint.declared_tokens),
        "end_token_ids": list(checkpoint.end_token_ids),
    }
    _write_json(folder / CONVERTED_CONFIG, values)


def _convert_role(role: str, folder: Path, target: Path, base: BaseWeights) -> ConvertedRole:
    adapter = read_adapter(folder, base)
    matrices = write_adapter(adapter, target, base)
    return ConvertedRole(
        role=role,
        num_tensors=len(adapter.tensors),
        source_bytes=(folder / TENSORS_FILE).stat().st_size,
        num_bytes=(target / TENSORS_FILE).stat().st_size,
        matrices=matrices,
    )


def copy_decoder(checkpoint: Checkpoint, target: Path) -> int:
    """Write a checkpoint's timestamp decoder, where it has one, in float32.

    Returns:
        Its number of tensors.

    Raises:
        WeightsMissingError: Its file is not there.
        CheckpointError: A tensor of it is missing, left over, misshapen or not finite.
    """
    if checkpoint.decoder is None:
        return 0
    decoder = open_decoder(checkpoint.decoder)
    save_decoder(decoder, target / CONVERTED_DECODER)
    return len(decoder.state_dict())


def _write_json(path: Path, values: Mapping[str, object]) -> None:
    path.write_text(json.dumps(values, indent=2) + "\n", "utf-8")
