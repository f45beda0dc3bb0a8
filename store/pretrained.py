"""Models that transformers loads from a folder: quietly, and every tensor accounted for.

Here because whoever indexes and whoever reasons load such models, and both know the store alone.
torch and transformers are imported when they are asked for: the store itself needs neither.
"""

import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from store.devices import device_memory
from store.errors import CheckpointError, DeviceMemoryError, WeightsMissingError

if TYPE_CHECKING:
    import torch

SHOWN_NAMES = 3


def read_json(path: Path) -> dict[str, Any]:
    """Read a configuration.

    Raises:
        WeightsMissingError: It is not there.
        CheckpointError: It is no JSON object.
    """
    if not path.is_file():
        raise WeightsMissingError(f"there is no {path}; name the folder of a whole checkpoint")
    try:
        values = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise CheckpointError(f"{path} is no JSON ({error}); fetch it again") from error
    if not isinstance(values, dict):
        raise CheckpointError(f"{path} holds no JSON object; fetch it again")
    return values


def load_pretrained(loader: Any, folder: Path, dtype: "torch.dtype") -> Any:
    """Load a model onto the CPU, for inference.

    Args:
        loader: Its class in transformers.
        folder: With ``config.json`` and safetensors.
        dtype: That it computes in.

    Raises:
        CheckpointError: A file is damaged, or a tensor is missing, left over or misshapen.
        DeviceMemoryError: It has no room.
    """
    return _loaded(loader, folder, dtype=dtype).eval().requires_grad_(False)


def check_pretrained(loader: Any, folder: Path) -> None:
    """Account for every tensor as ``load_pretrained`` does, reading names and shapes alone.

    Raises as ``load_pretrained``.
    """
    _loaded(loader, folder, device_map="meta")


def _loaded(loader: Any, folder: Path, **how: object) -> Any:
    with quiet_transformers():
        try:
            with device_memory():
                model, account = loader.from_pretrained(
                    folder,
                    attn_implementation="sdpa",
                    local_files_only=True,
                    ignore_mismatched_sizes=True,  # so that they are listed and refused below
                    output_loading_info=True,
                    **how,
                )
        except (DeviceMemoryError, MemoryError):
            raise
        except Exception as error:  # of the package, of safetensors, of what checks configurations
            said = " ".join(str(error).split()) or type(error).__name__
            raise CheckpointError(
                f"{folder} cannot be loaded ({said}); fetch the checkpoint again"
            ) from error
    _check(account, folder)
    return model


def _check(account: Mapping[str, Any], folder: Path) -> None:
    faults = {
        "missing": account["missing_keys"],
        "left over": account["unexpected_keys"],
        "misshapen": [key[0] for key in account["mismatched_keys"]],
    }
    said = [
        f"{kind}: {', '.join(sorted(names)[:SHOWN_NAMES])}"
        for kind, names in faults.items()
        if names
    ]
    if said:
        raise CheckpointError(
            f"the weights in {folder} are not as its configuration says: {'; '.join(said)}; "
            "fetch the checkpoint again"
        )


@contextmanager
def quiet_transformers() -> Iterator[None]:
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
