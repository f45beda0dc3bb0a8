"""SigLIP's picture tower: pictures into the space that its text tower reaches."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from indexer.encoders.siglip_model import load_siglip, unit_rows
from store.devices import device_memory, device_named
from store.errors import CheckpointError
from store.pretrained import read_json

PREPROCESSOR = "preprocessor_config.json"
BATCH_PICTURES = 16


@dataclass(frozen=True, slots=True)
class PictureScaling:
    """How a checkpoint wants pictures: squashed to one size, then normalised.

    Attributes:
        height: Pixels.
        width: Pixels.
        resample: Filter, as Pillow numbers them: 2 is bilinear, 3 bicubic.
        factor: By which levels of 0..255 are multiplied first.
        mean: Of each colour, subtracted after that.
        deviation: Of each colour, divided by last.
    """

    height: int
    width: int
    resample: Image.Resampling
    factor: float
    mean: tuple[float, ...]
    deviation: tuple[float, ...]

    @classmethod
    def read(cls, folder: Path) -> "PictureScaling":
        """Read a checkpoint's; what it leaves out is as transformers has it.

        Raises:
            WeightsMissingError: There is no such file.
            CheckpointError: It cannot be understood.
        """
        values = read_json(folder / PREPROCESSOR)
        try:
            return cls(
                height=int(values["size"]["height"]),
                width=int(values["size"]["width"]),
                resample=Image.Resampling(values.get("resample", Image.Resampling.BICUBIC)),
                factor=float(values.get("rescale_factor", 1 / 255)),
                mean=tuple(values.get("image_mean", (0.5, 0.5, 0.5))),
                deviation=tuple(values.get("image_std", (0.5, 0.5, 0.5))),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(
                f"{folder / PREPROCESSOR} does not say how pictures are scaled ({error!r}); "
                "fetch it again"
            ) from error

    def pixels(self, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Scale ``B`` pictures, each ``(H, W, 3)``, to ``(B, 3, height, width)``."""
        size = (self.width, self.height)
        resized = np.stack(
            [np.asarray(Image.fromarray(each).resize(size, self.resample)) for each in pictures]
        )
        mean, deviation = (np.array(each, np.float32) for each in (self.mean, self.deviation))
        levels = (resized.astype(np.float32) * np.float32(self.factor) - mean) / deviation
        pixels: NDArray[np.float32] = np.ascontiguousarray(levels.transpose(0, 3, 1, 2))
        return pixels


class SiglipPictureEncoder:
    """Embeds pictures of any size; fulfils ``PictureEncoder``.

    Args:
        folder: A checkpoint.
        encoder_id: Names it; its text encoder has the same id.
        device: As torch names it, or ``auto``.

    Raises:
        WeightsMissingError: A file is not there.
        CheckpointError: It is no such checkpoint, or damaged.
        ConfigError: The device is not here.
        DeviceMemoryError: It has no room there.

    Source:
        Zhai et al., "Sigmoid Loss for Language Image Pre-Training", ICCV 2023; Tschannen et al.,
        "SigLIP 2", arXiv 2502.14786. The network is transformers' own; pictures are scaled by
        Pillow, as its processor without torchvision does.
    """

    @device_memory()
    def __init__(self, folder: Path, encoder_id: str, device: str = "auto") -> None:
        self.encoder_id = encoder_id
        self._scaling = PictureScaling.read(folder)
        self._device = device_named(device)
        # The other tower is let go.
        tower: Any = load_siglip(folder).vision_model
        self._tower = tower.to(self._device)
        self.dimension = int(tower.config.hidden_size)

    @property
    def query_encoder_id(self) -> str:
        """Id of the text encoder whose space this is."""
        return self.encoder_id

    def embed_pictures(self, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Embed ``N`` pictures as ``(N, D)`` float32 rows of unit L2 norm, in input order."""
        rows = np.zeros((len(pictures), self.dimension), dtype=np.float32)
        for first in range(0, len(pictures), BATCH_PICTURES):
            some = slice(first, first + BATCH_PICTURES)
            rows[some] = self._embed(self._scaling.pixels(pictures[some]))
        return rows

    @device_memory()
    def _embed(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        with torch.inference_mode():
            output = self._tower(pixel_values=torch.from_numpy(pixels).to(self._device))
            return unit_rows(output.pooler_output)
