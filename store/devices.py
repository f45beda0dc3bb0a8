"""Where a model computes, and what is told where it has no room there.

Here because whoever indexes and whoever reasons run such models, and both know the store alone.
torch is imported when it is asked for: the store itself does not need it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from store.errors import ConfigError, DeviceMemoryError

if TYPE_CHECKING:
    import torch

MODEL_REMEDY = (
    "take a smaller model, precision bfloat16, fewer frames or device cpu, "
    "or end what else uses the memory"
)
_DEVICE = re.compile(r"auto|cpu|cuda(:\d{1,3})?", re.ASCII)
"""torch knows more, such as meta, on which nothing is computed."""
_NO_ROOM = ("out of memory", "can't allocate memory", "STATUS_ALLOC_FAILED")
"""In what torch says on a GPU, on a CPU, and in a GPU's libraries."""
_SHOWN_SENTENCES = 3
"""How much was asked for and how much there is; then it tells of its own settings."""


def check_device_name(name: object) -> None:
    """Refuse what names no device that models run on; needs no torch.

    Raises:
        ValueError: It is none.
    """
    if not isinstance(name, str) or not _DEVICE.fullmatch(name):
        raise ValueError(f"there is no device {name!r}; use auto, cpu, cuda or cuda:N")


def device_named(name: str) -> "torch.device":
    """Choose the device: ``auto`` takes the first GPU, or else the CPU.

    Raises:
        ConfigError: Models run on no such device, or it is not here.
    """
    import torch

    try:
        check_device_name(name)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    here = torch.cuda.is_available()
    device = torch.device(("cuda" if here else "cpu") if name == "auto" else name)
    if device.type == "cuda" and not here:
        raise ConfigError(f"there is no GPU that torch can use for {name!r}; use cpu")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        gpus = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
        raise ConfigError(f"there is no device {name!r}; use cpu or {' or '.join(gpus)}")
    return device


@contextmanager
def device_memory(remedy: str = MODEL_REMEDY) -> Iterator[None]:
    """Name what torch raises where a model, or what it is shown, has no room.

    Args:
        remedy: What can be done about it.

    Raises:
        DeviceMemoryError: In place of torch's own error.
    """
    try:
        yield
    except RuntimeError as error:
        said = str(error)
        if not any(sign in said for sign in _NO_ROOM):
            raise
        facts = ". ".join(said.splitlines()[0].split(". ")[:_SHOWN_SENTENCES]).rstrip(".")
        raise DeviceMemoryError(f"there is no room in memory ({facts}); {remedy}") from error
