"""MiniLM's sentence encoder through sentence-transformers: what the others are compared with.

Importing this module costs some 5 s on 2 cores; ``minilm_onnx.py`` is the quick way for many texts,
``minilm_numpy.py`` for one query.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from store.errors import WeightsMissingError
from store.pretrained import quiet_transformers

_NAME = "all-MiniLM-L6-v2"
_BATCH_TEXTS = 64
_NEEDED_FILES = ("config.json", "model.safetensors", "modules.json", "tokenizer.json")


class MiniLmEncoder:
    """all-MiniLM-L6-v2, for English text.

    Text in other languages gets vectors too, but they find little; lexical search serves it better.

    Args:
        folder: The unpacked model; nothing is fetched.
        revision: Of the weights; part of ``encoder_id``.
        threads: How many threads torch computes with in this process; ``None`` leaves it alone.

    Raises:
        WeightsMissingError: A file is missing.
    """

    def __init__(self, folder: Path, revision: str, threads: int | None = None) -> None:
        for name in _NEEDED_FILES:
            if not (folder / name).is_file():
                raise WeightsMissingError(
                    f"{_NAME} is incomplete: there is no {folder / name}; run 'cinedex models pull'"
                )
        if threads is not None:
            torch.set_num_threads(threads)
        with quiet_transformers():
            self._model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        self.encoder_id = f"{_NAME}@{revision}"
        self.dimension = int(self._model.get_embedding_dimension() or 0)

    def encode_text(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed ``Q`` texts as ``(Q, D)`` float32 rows of unit L2 norm, in input order."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        embeddings = self._model.encode(
            list(texts), batch_size=_BATCH_TEXTS, convert_to_numpy=True, show_progress_bar=False
        )
        return np.asarray(embeddings, dtype=np.float32)
