"""What one base model with four roles holds in memory, against four models and against one.

    python -m benchmarks.videomind.memory FOLDER KIND

Each figure is taken in a process of its own. Tensors are added up. What is loaded is on a GPU what
torch has allocated there; on a CPU it is by how much the process's resident set grew, of which at a
tiny shape most is the libraries' own.
"""

import gc
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from benchmarks.run import ROOT
from benchmarks.videomind.film import made_up_film
from benchmarks.videomind.procedure import OURS, ask
from reasoner.videomind.backbone import load_backbone
from reasoner.videomind.backend import load_videomind, position_rule
from reasoner.videomind.checkpoints.adapter import TENSORS_FILE
from reasoner.videomind.checkpoints.checkpoint import ROLES, Checkpoint, open_checkpoint
from reasoner.videomind.decoder import load_published_decoder
from reasoner.videomind.tokens import read_tokenizer, video_tokens
from store.errors import DeviceMemoryError, WeightsMissingError

DECODER_ITEM_BYTES = 4
KIBIBYTE = 1024
MOST_MEMORY = 1.1
"""Bytes of one base with four roles for each byte of the base and the adapters' tensors."""


@dataclass(frozen=True, slots=True)
class Held:
    """Bytes on the device.

    Attributes:
        tensor_bytes: Of all tensors that are kept once all is loaded, each storage counted once.
        loaded_bytes: What they take; ``None``, as the others, where they do not fit.
        peak_bytes: The most until then, and during a chain where one was run.
        item_bytes: Of a number in the language model.
    """

    tensor_bytes: int | None
    loaded_bytes: int | None
    peak_bytes: int | None
    item_bytes: int


def measure_memory(folder: Path) -> dict[str, Any]:
    """Measure every kind and compare them.

    Args:
        folder: Of a published checkpoint.
    """
    held = {kind: _measured_apart(folder, kind) for kind in KINDS}
    adapters = adapter_bytes(open_checkpoint(folder), held["base"].item_bytes)
    base, one, asked, four = (held[kind] for kind in ("base", "one", "asked", "four"))
    loaded = (one.loaded_bytes or 0) / ((base.loaded_bytes or 0) + adapters)
    return {
        "device": "GPU" if torch.cuda.is_available() else "CPU, resident set",
        "held": {kind: asdict(each) for kind, each in held.items()},
        "adapter_bytes": adapters,
        "to_base_and_adapters": {
            "tensors": (one.tensor_bytes or 0) / ((base.tensor_bytes or 0) + adapters),
            "loaded": loaded,
            "peak over a chain": (asked.peak_bytes or 0) / ((base.loaded_bytes or 0) + adapters),
        },
        "bar": MOST_MEMORY,
        "is_within_bar": loaded <= MOST_MEMORY,
        "to_four": one.loaded_bytes / four.loaded_bytes
        if one.loaded_bytes and four.loaded_bytes
        else None,
    }


def tensor_bytes() -> int:
    """Add up the storages of all tensors of this process, each once."""
    gc.collect()
    storages = {}
    for each in gc.get_objects():
        if type(each) in (torch.Tensor, torch.nn.Parameter) and each.device.type != "meta":
            storage = each.untyped_storage()
            storages[storage.data_ptr()] = storage.nbytes()
    return sum(storages.values())


def adapter_bytes(checkpoint: Checkpoint, item_bytes: int) -> int:
    """Add up the tensors of the adapters, and of the decoder, which is always float32."""
    if checkpoint.decoder is None:
        raise WeightsMissingError(f"{checkpoint.folder} has no timestamp decoder")
    adapters = sum(_num_numbers(each / TENSORS_FILE) for each in checkpoint.adapters.values())
    return adapters * item_bytes + _num_numbers(checkpoint.decoder) * DECODER_ITEM_BYTES


def _num_numbers(path: Path) -> int:
    with safe_open(path, "pt") as file:
        names = file.keys()
        return sum(file.get_tensor(name).numel() for name in names)


def _load_base(folder: Path) -> Any:
    return _backbone(open_checkpoint(folder), {})


def _load_one(folder: Path) -> Any:
    return load_videomind(folder, made_up_film().frames)


def _load_and_ask(folder: Path) -> Any:
    film = made_up_film()
    loaded = load_videomind(folder, film.frames)
    return loaded, ask(OURS, loaded, film)


def _load_four(folder: Path) -> Any:
    """Load a model for each role; the answerer's is the base, the grounder's has the decoder."""
    checkpoint = open_checkpoint(folder)
    adapters = checkpoint.adapters
    models = [
        _backbone(checkpoint, {role: adapters[role]} if role in adapters else {}) for role in ROLES
    ]
    if checkpoint.decoder is None:
        raise WeightsMissingError(f"{folder} has no timestamp decoder")
    return models, load_published_decoder(checkpoint.decoder).to(models[0].device)


KINDS: dict[str, Callable[[Path], Any]] = {
    "base": _load_base,
    "one": _load_one,
    "asked": _load_and_ask,
    "four": _load_four,
}
"""What is loaded, by name: the base alone, one base with four roles, the same with a chain run on
it, and a model for each role."""


def _backbone(checkpoint: Checkpoint, adapters: Mapping[str, Path]) -> Any:
    tokens = video_tokens(read_tokenizer(checkpoint))
    bare = replace(checkpoint, adapters=adapters)
    return load_backbone(bare, tokens.video_pad, position_rule(tokens))


def _measured_apart(folder: Path, kind: str) -> Held:
    command = [sys.executable, "-m", "benchmarks.videomind.memory", str(folder), kind]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{finished.stderr}")
    return Held(**json.loads(finished.stdout.splitlines()[-1]))


def _measured_here(folder: Path, kind: str) -> Held:
    import peft  # noqa: F401 (so that importing it does not count)
    import transformers

    item_bytes = 2 if torch.cuda.is_available() else 4
    del transformers
    before, tensors = _allocated()[0], tensor_bytes()
    try:
        kept = KINDS[kind](folder)
    except (DeviceMemoryError, torch.OutOfMemoryError):
        return Held(None, None, None, item_bytes)
    loaded, peak = (count - before for count in _allocated())
    held = tensor_bytes() - tensors
    del kept
    return Held(held, loaded, peak, item_bytes)


def _allocated() -> tuple[int, int]:
    """Return the bytes that are held now and the most that were."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
        return torch.cuda.memory_allocated(), torch.cuda.max_memory_allocated()
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    values = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith("Vm")}
    return int(values["VmRSS"]) * KIBIBYTE, int(values["VmHWM"]) * KIBIBYTE


if __name__ == "__main__":
    print(json.dumps(asdict(_measured_here(Path(sys.argv[1]), sys.argv[2]))))
