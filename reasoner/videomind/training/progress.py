"""How far a run has come, on disk: what it needs to go on as if it had never stopped.

One safetensors file, the rest as JSON in its metadata, so that both are of one step. Random numbers
need no state: each step draws from its own number and the seed.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from reasoner.videomind.checkpoints.adapter import read_tensors
from store.errors import CheckpointError, InputError
from store.files import bring_to_disk, make_directory

FILE = "progress.safetensors"
_ENTRY = "progress"
_VALUE = "value"


@dataclass(slots=True)
class Progress:
    """What happened so far.

    Attributes:
        run: What the run is: role, data, settings, base.
        losses: Of each finished step.
        skipped: Examples that could not be read, by their number from 0, and why.
    """

    run: Mapping[str, Any]
    losses: list[float] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)

    @property
    def step(self) -> int:
        """Steps that are finished."""
        return len(self.losses)


def save_progress(
    folder: Path,
    progress: Progress,
    learned: Mapping[str, torch.nn.Parameter],
    optimiser: torch.optim.Optimizer,
) -> None:
    """Write all of it, in place of what was there, whole or not at all."""
    tensors = {}
    for name, parameter in learned.items():
        tensors[f"{name}/{_VALUE}"] = parameter.detach().cpu().contiguous()
        for kind, moment in optimiser.state.get(parameter, {}).items():
            tensors[f"{name}/{kind}"] = moment.detach().cpu().contiguous()
    said = {"run": progress.run, "losses": progress.losses, "skipped": progress.skipped}
    make_directory(folder)
    beside = folder / f".{FILE}"  # not in memory as a whole: it may be gigabytes
    save_file(tensors, beside, metadata={_ENTRY: json.dumps(said)})
    bring_to_disk(beside)
    beside.replace(folder / FILE)
    bring_to_disk(folder)


def load_progress(
    folder: Path,
    run: Mapping[str, Any],
    learned: Mapping[str, torch.nn.Parameter],
    optimiser: torch.optim.Optimizer,
) -> Progress:
    """Take up a run where it was saved; a new one where nothing was.

    Args:
        folder: Of ``save_progress``.
        run: What this run is.
        learned: Filled in place.
        optimiser: Likewise.

    Raises:
        InputError: What is saved belongs to another run.
        CheckpointError: It is damaged.
    """
    if not (folder / FILE).is_file():
        return Progress(run)
    tensors, metadata = read_tensors(folder / FILE)
    try:
        said = json.loads(metadata[_ENTRY])
        progress = Progress(said["run"], list(said["losses"]), dict(said["skipped"]))
        apart = [name for name in run if progress.run.get(name) != run[name]]
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise _damaged(folder) from error
    if apart:
        raise InputError(
            f"{folder} holds an unfinished run with another {', '.join(apart)}; finish it as it "
            "was begun, delete the folder, or name another output"
        )
    _fill(folder, tensors, learned, optimiser)
    return progress


def digest_of(paths: Sequence[Path]) -> str:
    """Compute one SHA-256 of several files, as hex."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _fill(
    folder: Path,
    tensors: Mapping[str, torch.Tensor],
    learned: Mapping[str, torch.nn.Parameter],
    optimiser: torch.optim.Optimizer,
) -> None:
    found: dict[str, dict[str, torch.Tensor]] = {}
    for key, tensor in tensors.items():
        name, _, kind = key.rpartition("/")
        found.setdefault(name, {})[kind] = tensor
    if found.keys() != learned.keys():
        raise _damaged(folder)
    for name, parameter in learned.items():
        value = found[name].pop(_VALUE, None)
        if value is None or value.shape != parameter.shape:
            raise _damaged(folder)
        with torch.no_grad():
            parameter.copy_(value)
        if found[name]:  # its count of steps stays on the CPU, as torch has it
            optimiser.state[parameter] = {
                kind: moment if kind == "step" else moment.to(parameter.device)
                for kind, moment in found[name].items()
            }


def _damaged(folder: Path) -> CheckpointError:
    return CheckpointError(
        f"{folder / FILE} is no saved run of this cinedex; delete the folder to begin anew"
    )
