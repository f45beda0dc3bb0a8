"""SmolLM2 from the GGUF it is carried in to a folder that loads in a second.

Apart because it happens once for each machine. transformers reads a GGUF slowly (some ten
seconds) and
refuses to save what it read, so the tensors are written here.
bfloat16 on disk: half the size of float32, and the source has some five bits a weight.
"""

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from store.errors import WeightsDigestError, WeightsMissingError

WEIGHTS_FILE = "model.safetensors"
CONFIG_FILE = "config.json"
TOKENIZER_FILE = "tokenizer.json"
TIED_WEIGHT = "lm_head.weight"


def is_converted(folder: Path) -> bool:
    """Say whether a folder holds a finished conversion; a torn one was never renamed into place."""
    return all((folder / name).is_file() for name in (WEIGHTS_FILE, CONFIG_FILE, TOKENIZER_FILE))


def convert_gguf(gguf: Path, folder: Path) -> None:
    """Write a GGUF language model as safetensors, configuration and tokenizer, once.

    Args:
        gguf: A LLaMA-shaped model with tied embeddings, quantised or not.
        folder: Made whole or not at all: everything is written beside it, then renamed.

    Raises:
        WeightsMissingError: There is no such file.
        WeightsDigestError: The file is not a GGUF that transformers can read.
    """
    if is_converted(folder):
        return
    if not gguf.is_file():
        raise WeightsMissingError(f"{gguf} does not exist; run `cinedex models pull`")
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _write(gguf, beside)
        _put_in_place(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _write(gguf: Path, folder: Path) -> None:
    import torch
    from safetensors.torch import save_file
    from transformers import AutoModelForCausalLM, AutoTokenizer

    place, name = str(gguf.parent), gguf.name
    try:
        tokenizer = AutoTokenizer.from_pretrained(place, gguf_file=name)
        model = AutoModelForCausalLM.from_pretrained(place, gguf_file=name, dtype=torch.bfloat16)
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise WeightsDigestError(
            f"{gguf} cannot be read as a GGUF language model ({error}); "
            "delete it and run `cinedex models pull`"
        ) from error
    tensors = {key: value.contiguous() for key, value in model.state_dict().items()}
    if model.config.tie_word_embeddings:
        tensors.pop(TIED_WEIGHT, None)
    save_file(tensors, folder / WEIGHTS_FILE, metadata={"format": "pt"})
    (folder / CONFIG_FILE).write_text(json.dumps(_configuration(model.config), indent=2), "utf-8")
    tokenizer.save_pretrained(folder)


def _configuration(config: Any) -> dict[str, Any]:
    """Return the configuration without what tells of the file it was read from."""
    values: dict[str, Any] = json.loads(config.to_json_string(use_diff=False))
    for name in ("quantization_config", "_name_or_path"):
        values.pop(name, None)
    values["architectures"] = ["LlamaForCausalLM"]
    return values


def _put_in_place(beside: Path, folder: Path) -> None:
    """Rename; another process that was quicker wins, and a folder that is not whole gives way."""
    if folder.exists() and not is_converted(folder):
        shutil.rmtree(folder)
    try:
        os.rename(beside, folder)
    except OSError:
        if not is_converted(folder):
            raise
