"""What peft wrote down about an adapter, as far as VideoMind uses it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reasoner.videomind.checkpoints.names import current_name
from store.errors import CheckpointError, WeightsMissingError

SETTINGS_FILE = "adapter_config.json"
_UNUSED = (
    "use_dora",
    "use_rslora",
    "fan_in_fan_out",
    "lora_bias",
    "rank_pattern",
    "alpha_pattern",
    "layers_to_transform",
    "layer_replication",
    "exclude_modules",
)
"""Other ways to make or place the factors; with one of them set they would mean something else."""


@dataclass(frozen=True, slots=True)
class AdapterSettings:
    """How LoRA factors are applied.

    Attributes:
        rank: Of the factors.
        alpha: The product is scaled by ``alpha / rank``.
        dropout: In training.
        targets: Modules with factors, by full name in today's tree or by the name's last parts.
        whole_modules: Modules that the adapter replaces whole, likewise.
    """

    rank: int
    alpha: int
    dropout: float
    targets: tuple[str, ...]
    whole_modules: tuple[str, ...] = ()


def read_settings(folder: Path) -> AdapterSettings:
    """Read ``adapter_config.json``, with the targets in today's names.

    Raises:
        WeightsMissingError: It is not there.
        CheckpointError: It is no plain LoRA adapter.
    """
    path = folder / SETTINGS_FILE
    if not path.is_file():
        raise WeightsMissingError(f"there is no {path}; fetch the checkpoint again")
    try:
        values = json.loads(path.read_text("utf-8"))
        _check_plain(values, path)
        return AdapterSettings(
            rank=int(values["r"]),
            alpha=int(values["lora_alpha"]),
            dropout=float(values.get("lora_dropout") or 0.0),
            targets=_names(values["target_modules"]),
            whole_modules=_names(values.get("modules_to_save") or ()),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(
            f"{path} is not what peft writes ({error!r}); fetch the checkpoint again"
        ) from error


def peft_settings(settings: AdapterSettings) -> dict[str, Any]:
    """Write settings as peft does in ``adapter_config.json``."""
    return {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "r": settings.rank,
        "lora_alpha": settings.alpha,
        "lora_dropout": settings.dropout,
        "bias": "none",
        "inference_mode": True,
        "target_modules": list(settings.targets),
        "modules_to_save": list(settings.whole_modules) or None,
    }


def _check_plain(values: Mapping[str, Any], path: Path) -> None:
    odd = [name for name in _UNUSED if values.get(name)]
    if values.get("peft_type") != "LORA" or values.get("bias", "none") != "none" or odd:
        raise CheckpointError(
            f"{path} is no plain LoRA adapter ({', '.join(odd) or 'peft_type or bias'}); "
            "VideoMind's are: use the published checkpoint, or train with `cinedex train`"
        )


def _names(targets: object) -> tuple[str, ...]:
    if not isinstance(targets, list | tuple):
        raise TypeError(f"names in a list are expected, got {targets!r}")
    return tuple(sorted(current_name(str(target)) for target in targets))
