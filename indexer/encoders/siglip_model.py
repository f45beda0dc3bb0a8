"""A SigLIP checkpoint from its folder: what both towers share."""

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from store.errors import CheckpointError, ConfigError, WeightsMissingError

KIND = "siglip"
"""Of SigLIP 2's checkpoints with one picture size too; those of any size (NaFlex) are another."""


def load_siglip(folder: Path) -> Any:
    """Load both towers in float32.

    Args:
        folder: With ``config.json`` and safetensors.

    Raises:
        WeightsMissingError: A file is not there.
        CheckpointError: It is of another kind, or a tensor is missing, left over or misshapen.
    """
    from transformers import SiglipModel

    kind = read_json(folder / "config.json").get("model_type")
    if kind != KIND:
        raise CheckpointError(
            f"{folder} holds a model of type {kind!r}; name a SigLIP or SigLIP 2 checkpoint of "
            "one picture size, such as google/siglip2-base-patch16-224"
        )
    loader: Any = SiglipModel
    with _quiet():
        try:
            model, account = loader.from_pretrained(
                folder,
                dtype=torch.float32,
                attn_implementation="sdpa",
                local_files_only=True,
                ignore_mismatched_sizes=True,  # so that they are listed and refused below
                output_loading_info=True,
            )
        except (OSError, ValueError, RuntimeError) as error:
            raise CheckpointError(
                f"{folder} cannot be loaded ({error}); fetch the checkpoint again"
            ) from error
    faults = [
        *account["missing_keys"],
        *account["unexpected_keys"],
        *(key[0] for key in account["mismatched_keys"]),
    ]
    if faults:
        raise CheckpointError(
            f"the weights in {folder} are not as its configuration says: "
            f"{', '.join(sorted(faults)[:3])}; fetch the checkpoint again"
        )
    return model.eval().requires_grad_(False)


def device_named(name: str) -> torch.device:
    """Choose the device: ``auto`` takes the first GPU, or else the CPU.

    Raises:
        ConfigError: torch knows no such device, or it is not here.
    """
    here = torch.cuda.is_available()
    try:
        device = torch.device(("cuda" if here else "cpu") if name == "auto" else name)
    except RuntimeError as error:
        raise ConfigError(f"torch knows no device {name!r}; use cpu or cuda") from error
    if device.type == "cuda" and not here:
        raise ConfigError(f"there is no GPU that torch can use for {name!r}; use cpu")
    return device


def read_json(path: Path) -> dict[str, Any]:
    """Read a configuration.

    Raises:
        WeightsMissingError: It is not there.
        CheckpointError: It is no JSON object.
    """
    if not path.is_file():
        raise WeightsMissingError(f"there is no {path}; name the folder of a SigLIP checkpoint")
    try:
        values = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise CheckpointError(f"{path} is no JSON ({error}); fetch it again") from error
    if not isinstance(values, dict):
        raise CheckpointError(f"{path} holds no JSON object; fetch it again")
    return values


def unit_rows(rows: torch.Tensor) -> NDArray[np.float32]:
    """Scale ``(N, D)`` rows to unit L2 norm."""
    found: NDArray[np.float32] = torch.nn.functional.normalize(rows.float(), dim=-1).cpu().numpy()
    return found


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep transformers from drawing and warning on stderr, where the command line writes."""
    from transformers.utils import logging

    shown, level = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    try:
        with warnings.catch_warnings():
            yield
    finally:
        logging.set_verbosity(level)
        if shown:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
