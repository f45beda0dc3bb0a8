"""Where a model from transformers computes, and how quietly it loads.

Here because whoever indexes and whoever reasons load such models, and both know the store alone.
torch and transformers are imported when they are asked for: the store itself needs neither.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from store.errors import ConfigError

if TYPE_CHECKING:
    import torch


def device_named(name: str) -> "torch.device":
    """Choose the device: ``auto`` takes the first GPU, or else the CPU.

    Raises:
        ConfigError: torch knows no such device, or it is not here.
    """
    import torch

    here = torch.cuda.is_available()
    try:
        device = torch.device(("cuda" if here else "cpu") if name == "auto" else name)
    except RuntimeError as error:
        raise ConfigError(f"torch knows no device {name!r}; use cpu or cuda") from error
    if device.type == "cuda" and not here:
        raise ConfigError(f"there is no GPU that torch can use for {name!r}; use cpu")
    return device


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
