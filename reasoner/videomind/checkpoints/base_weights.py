"""The base model's safetensors, looked into without loading them."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from reasoner.videomind.checkpoints.names import EMBEDDINGS, HEAD, current_name
from store.errors import CheckpointError, WeightsMissingError
from store.pretrained import read_json

SINGLE_FILE = "model.safetensors"
INDEX_FILE = "model.safetensors.index.json"
BLOCK_BYTES = 1 << 24


class BaseWeights:
    """Shapes and tensors of a base model, under the names that they have in today's tree.

    Args:
        folder: With one ``model.safetensors``, or several and their index.

    Attributes:
        folder: As given.
        shapes: Every tensor's shape, by its name in today's tree. A tied head has the shape of the
            embeddings.

    Raises:
        WeightsMissingError: There are no such files.
        CheckpointError: A file is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._places: dict[str, tuple[Path, str]] = {}
        self._digests: dict[tuple[Path, str], str] = {}
        self.shapes: Mapping[str, tuple[int, ...]] = self._look()

    def tensor(self, name: str) -> torch.Tensor:
        """Load one tensor; the embeddings stand in for a head that is tied to them."""
        path, stored = self._places[name]
        with safe_open(path, "pt") as file:
            tensor: torch.Tensor = file.get_tensor(stored)
        return tensor

    def digest(self, name: str) -> str:
        """Compute the SHA-256 of a tensor's bytes as they are stored, as hex; once for each."""
        place = self._places[name]
        if place not in self._digests:
            self._digests[place] = _digest(self.tensor(name))
        return self._digests[place]

    def _look(self) -> dict[str, tuple[int, ...]]:
        shapes: dict[str, tuple[int, ...]] = {}
        for path in _files(self.folder):
            try:
                with safe_open(path, "pt") as file:
                    for stored in file.keys():  # noqa: SIM118 (not a mapping)
                        name = current_name(stored)
                        shapes[name] = tuple(file.get_slice(stored).get_shape())
                        self._places[name] = (path, stored)
            except (SafetensorError, OSError) as error:
                raise CheckpointError(
                    f"{path} cannot be read ({error}); fetch the base model again"
                ) from error
        if HEAD not in shapes and EMBEDDINGS in shapes:
            shapes[HEAD] = shapes[EMBEDDINGS]
            self._places[HEAD] = self._places[EMBEDDINGS]
        return shapes


def _files(folder: Path) -> list[Path]:
    index = folder / INDEX_FILE
    if index.is_file():
        try:
            names = sorted({str(name) for name in read_json(index)["weight_map"].values()})
        except (KeyError, AttributeError) as error:
            raise CheckpointError(
                f"{index} lists no files ({error!r}); fetch the base model again"
            ) from error
    else:
        names = [SINGLE_FILE]
    for name in names:
        if not (folder / name).is_file():
            raise WeightsMissingError(
                f"the base model is incomplete: there is no {folder / name}; fetch it again, "
                "or name the folder that holds it"
            )
    return [folder / name for name in names]


def _digest(tensor: torch.Tensor) -> str:
    flat = tensor.contiguous().view(torch.uint8).flatten()
    digest = hashlib.sha256()
    for start in range(0, len(flat), BLOCK_BYTES):
        digest.update(flat[start : start + BLOCK_BYTES].numpy().data)
    return digest.hexdigest()
