"""The decoder's weights on disk: the published file in, ours in and out.

Both are safetensors with the names of the module's parameters; the published one prefixes them and
holds float16. Every tensor is accounted for: nothing missing, nothing left over.
"""

import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from reasoner.videomind.checkpoints.checkpoint import PUBLISHED_DECODER
from reasoner.videomind.checkpoints.names import PEFT_PREFIX
from reasoner.videomind.decoder.network import TimestampDecoder
from store.errors import CheckpointError, WeightsMissingError

SIZING_TENSOR = "vis_proj.0.weight"
MAX_NAMES_SHOWN = 5


def open_decoder(path: Path) -> TimestampDecoder:
    """Read a checkpoint's decoder, published or ours by what its file is called.

    Returns and raises as ``load_published_decoder``.
    """
    load = load_published_decoder if path.name == PUBLISHED_DECODER else load_decoder
    return load(path)


def load_published_decoder(path: Path) -> TimestampDecoder:
    """Read the decoder that a VideoMind release or training run saved beside its adapters.

    Args:
        path: ``pytorch_model.safetensors``, which despite its name holds the decoder only.

    Returns:
        In evaluation mode, float32, on the CPU.

    Raises:
        WeightsMissingError: There is no such file.
        CheckpointError: It is no safetensors file, or a tensor is missing, left over, of another
            shape or not finite.
    """
    tensors = _read(path)
    strangers = [name for name in tensors if not name.startswith(PEFT_PREFIX)]
    if strangers:
        raise _unfit(path, f"has tensors outside {PEFT_PREFIX}*: {_names(strangers)}")
    plain = {name.removeprefix(PEFT_PREFIX): tensor for name, tensor in tensors.items()}
    return _filled(plain, path)


def load_decoder(path: Path) -> TimestampDecoder:
    """Read a decoder that ``save_decoder`` wrote; returns and raises as the published one."""
    return _filled(_read(path), path)


def save_decoder(decoder: TimestampDecoder, path: Path) -> None:
    """Write a decoder's weights, whole or not at all.

    Args:
        decoder: On any device, in any mode.
        path: Replaced if it is there; its folder exists.
    """
    tensors = {
        name: tensor.detach().cpu().contiguous() for name, tensor in decoder.state_dict().items()
    }
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    os.close(handle)
    try:
        save_file(tensors, beside, metadata={"format": "pt"})
        Path(beside).chmod(0o644)
        Path(beside).replace(path)
    finally:
        Path(beside).unlink(missing_ok=True)


def _read(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise WeightsMissingError(f"{path} does not exist; fetch the checkpoint again")
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"{path} is no whole safetensors file ({error}); delete it and fetch it again"
        ) from error


def _filled(tensors: Mapping[str, Tensor], path: Path) -> TimestampDecoder:
    if SIZING_TENSOR not in tensors:
        raise _unfit(path, f"lacks {SIZING_TENSOR}")
    with torch.device("meta"):
        decoder = TimestampDecoder(tensors[SIZING_TENSOR].numel())
    _check(decoder.state_dict(), tensors, path)
    state = {name: tensor.to(torch.float32, copy=True) for name, tensor in tensors.items()}
    decoder.load_state_dict(state, assign=True)
    return decoder.eval()


def _check(expected: Mapping[str, Tensor], found: Mapping[str, Tensor], path: Path) -> None:
    faults = {
        "lacks": expected.keys() - found.keys(),
        "has left over": found.keys() - expected.keys(),
        "has in another shape": {
            name
            for name in expected.keys() & found.keys()
            if expected[name].shape != found[name].shape
        },
        "has NaN or infinity in": {
            name for name, tensor in found.items() if not tensor.isfinite().all()
        },
    }
    told = [f"{fault} {_names(names)}" for fault, names in faults.items() if names]
    if told:
        raise _unfit(path, "; ".join(told))


def _names(names: Iterable[str]) -> str:
    listed = sorted(names)
    more = len(listed) - MAX_NAMES_SHOWN
    return ", ".join(listed[:MAX_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _unfit(path: Path, fault: str) -> CheckpointError:
    return CheckpointError(
        f"{path} {fault}; it is not a timestamp decoder that can be used: fetch or convert it again"
    )
