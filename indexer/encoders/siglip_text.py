"""SigLIP's text tower: queries into the space of its picture tower."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from indexer.encoders.siglip_model import load_siglip, unit_rows
from store.devices import device_memory, device_named
from store.errors import CheckpointError, WeightsMissingError

TOKENIZER = "tokenizer.json"
BATCH_TEXTS = 32


class SiglipTextEncoder:
    """Embeds texts; has the shape of the retriever's ``QueryEncoder``.

    Args:
        folder: A checkpoint.
        encoder_id: Names it; its picture encoder has the same id.
        device: As torch names it, or ``auto``.

    Raises:
        WeightsMissingError: A file is not there.
        CheckpointError: It is no such checkpoint, or damaged.
        ConfigError: The device is not here.
        DeviceMemoryError: It has no room there.

    Source:
        Tschannen et al., "SigLIP 2", arXiv 2502.14786: lower-case text of 64 tokens, filled up
        behind, nothing masked; the state of the last place is the text's.
    """

    @device_memory()
    def __init__(self, folder: Path, encoder_id: str, device: str = "auto") -> None:
        self.encoder_id = encoder_id
        self._tokenizer = read_tokenizer(folder)
        self._device = device_named(device)
        # The other tower is let go.
        tower: Any = load_siglip(folder).text_model
        self._tower = tower.to(self._device)
        self._num_tokens = int(tower.config.max_position_embeddings)
        self.dimension = int(tower.config.projection_size)

    def encode_text(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed ``Q`` texts as ``(Q, D)`` float32 rows of unit L2 norm, in input order."""
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for first in range(0, len(texts), BATCH_TEXTS):
            some = slice(first, first + BATCH_TEXTS)
            rows[some] = self._embed(self.token_ids(texts[some]))
        return rows

    def token_ids(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Return ``(Q, T)`` token ids; a text that is longer is cut off."""
        spelled = [text.lower() for text in texts]
        ids: NDArray[np.int64] = self._tokenizer(
            spelled,
            padding="max_length",
            padding_side="right",
            max_length=self._num_tokens,
            truncation=True,
            return_tensors="np",
        )["input_ids"].astype(np.int64)
        return ids

    @device_memory()
    def _embed(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        with torch.inference_mode():
            output = self._tower(input_ids=torch.from_numpy(ids).to(self._device))
            return unit_rows(output.pooler_output)


def read_tokenizer(folder: Path) -> Any:
    """Load a checkpoint's tokenizer, as transformers has it.

    Raises:
        WeightsMissingError: Its file is not there.
        CheckpointError: It is damaged.
    """
    from transformers import AutoTokenizer

    if not (folder / TOKENIZER).is_file():
        raise WeightsMissingError(
            f"there is no {folder / TOKENIZER}; fetch the checkpoint again, or save its tokenizer "
            "with transformers"
        )
    loader: Any = AutoTokenizer
    try:
        return loader.from_pretrained(folder, local_files_only=True)
    except Exception as error:  # the package raises nothing narrower
        raise CheckpointError(
            f"the tokenizer of {folder} cannot be read ({error}); fetch the checkpoint again"
        ) from error
