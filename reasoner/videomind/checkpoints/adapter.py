"""One role's adapter: LoRA factors, and for some roles whole matrices, with nothing unaccounted."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from reasoner.videomind.checkpoints.adapter_settings import AdapterSettings, read_settings
from reasoner.videomind.checkpoints.base_weights import BaseWeights
from reasoner.videomind.checkpoints.names import PEFT_PREFIX, current_name, is_target
from reasoner.videomind.checkpoints.row_delta import RowDelta, with_rows
from store.errors import CheckpointError, WeightsDigestError, WeightsMissingError

TENSORS_FILE = "adapter_model.safetensors"
INDICES, ROWS = ".row_indices", ".rows"
"""What follows a matrix's name where it is stored as a row delta."""
BASE_DIGESTS = "base_sha256"
"""Entry of the file's metadata: JSON, of each such matrix the digest of the base's."""
SHOWN_NAMES = 3


@dataclass(frozen=True, slots=True)
class Adapter:
    """What a role adds to the base model.

    Attributes:
        settings: How the factors are applied.
        tensors: By their names in today's tree, without peft's prefix:
            ``<module>.lora_A.weight`` ``(r, in)``, ``<module>.lora_B.weight`` ``(out, r)`` and
            ``<module>.weight`` for a matrix that is replaced.
    """

    settings: AdapterSettings
    tensors: Mapping[str, torch.Tensor]


def read_adapter(folder: Path, base: BaseWeights) -> Adapter:
    """Read an adapter that peft saved, with old or new names, or that we converted.

    Args:
        folder: With ``adapter_config.json`` and ``adapter_model.safetensors``.
        base: The model it adapts.

    Raises:
        WeightsMissingError: A file is not there.
        CheckpointError: A tensor is missing, left over or of another shape than the base asks for,
            or the adapter is of a kind that VideoMind does not use.
        WeightsDigestError: Rows were told against another base.
    """
    settings = read_settings(folder)
    stored, metadata = read_tensors(folder / TENSORS_FILE)
    tensors: dict[str, torch.Tensor] = {}
    for name, tensor in stored.items():
        if not name.startswith(PEFT_PREFIX):
            raise CheckpointError(
                f"{folder / TENSORS_FILE} holds {name}, which is no tensor of a peft adapter; "
                "fetch the checkpoint again"
            )
        tensors[current_name(name.removeprefix(PEFT_PREFIX))] = tensor
    whole = _with_whole_matrices(tensors, metadata, base)
    check_account(
        {name: tuple(tensor.shape) for name, tensor in whole.items()},
        expected_shapes(settings, base.shapes),
        folder / TENSORS_FILE,
    )
    return Adapter(settings, whole)


def expected_shapes(
    settings: AdapterSettings, base_shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, tuple[int, ...]]:
    """List the tensors that an adapter of these settings has on a base of these shapes.

    Raises:
        CheckpointError: A target or whole module fits nothing in the base.
    """
    modules = {
        name.removesuffix(".weight"): shape
        for name, shape in base_shapes.items()
        if name.endswith(".weight") and len(shape) == 2
    }
    shapes: dict[str, tuple[int, ...]] = {}
    for module in _named(modules, settings.targets):
        outputs, inputs = modules[module]
        shapes[f"{module}.lora_A.weight"] = (settings.rank, inputs)
        shapes[f"{module}.lora_B.weight"] = (outputs, settings.rank)
    for module in _named(modules, settings.whole_modules):
        shapes[f"{module}.weight"] = modules[module]
    return shapes


def check_account(
    found: Mapping[str, tuple[int, ...]], expected: Mapping[str, tuple[int, ...]], path: Path
) -> None:
    """Compare tensors with what there has to be, by name and shape.

    Raises:
        CheckpointError: They differ; the message names what is missing, left over or misshapen.
    """
    wrong = [
        f"{name} is {found[name]} and not {expected[name]}"
        for name in found.keys() & expected.keys()
        if found[name] != expected[name]
    ]
    faults = [
        *_fault("missing", expected.keys() - found.keys()),
        *_fault("left over", found.keys() - expected.keys()),
        *_fault("misshapen", wrong),
    ]
    if faults:
        raise CheckpointError(
            f"{path} does not fit the base model: {'; '.join(faults)}; "
            "fetch the checkpoint again and check that the base is the one it was trained on"
        )


def read_tensors(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """Load a safetensors file and its metadata.

    Raises:
        WeightsMissingError: It is not there.
        CheckpointError: It is damaged.
    """
    if not path.is_file():
        raise WeightsMissingError(f"there is no {path}; fetch the checkpoint again")
    try:
        with safe_open(path, "pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return tensors, file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"{path} cannot be read ({error}); fetch the checkpoint again"
        ) from error


def _with_whole_matrices(
    tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, str], base: BaseWeights
) -> dict[str, torch.Tensor]:
    """Put rows that were told against the base back into whole matrices."""
    whole = dict(tensors)
    for name, digest in json.loads(metadata.get(BASE_DIGESTS, "{}")).items():
        if not {name + INDICES, name + ROWS} <= whole.keys():
            continue  # the account names what is missing
        if name not in base.shapes or base.digest(name) != digest:
            raise WeightsDigestError(
                f"{name} was stored as its changes to another base model than {base.folder}; "
                "name the base that the checkpoint was converted with, or convert it again"
            )
        delta = RowDelta(whole.pop(name + INDICES), whole.pop(name + ROWS))
        whole[name] = with_rows(base.tensor(name), delta)
    return whole


def _named(modules: Iterable[str], targets: Iterable[str]) -> set[str]:
    """Return the modules that the targets stand for; each must stand for one at least."""
    named: set[str] = set()
    for target in targets:
        fitting = {module for module in modules if is_target(module, target)}
        if not fitting:
            raise CheckpointError(
                f"the adapter's target {target!r} fits no module of the base model; "
                "check that the base is the one it was trained on"
            )
        named |= fitting
    return named


def _fault(kind: str, names: Iterable[str]) -> list[str]:
    ordered = sorted(names)
    if not ordered:
        return []
    more = f" and {len(ordered) - SHOWN_NAMES} more" if len(ordered) > SHOWN_NAMES else ""
    return [f"{kind}: {', '.join(ordered[:SHOWN_NAMES])}{more}"]
