"""MiniLM's sentence encoder in numpy alone: the same vectors, without importing torch.

Kept apart from ``minilm.py`` because a one-shot search must not pay for sentence-transformers'
import (some 5 s on 2 cores) to embed one line of text.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from store.errors import WeightsMissingError

Array = NDArray[np.float32]

_NAME = "all-MiniLM-L6-v2"
# Texts of like length are padded together; more at once only fills memory.
_BATCH_TEXTS = 32
# Added to the attention scores of padding, as BERT does.
_PADDING_SCORE = np.float32(-1e9)


class MiniLmNumpyEncoder:
    """all-MiniLM-L6-v2 for queries: starts in a fraction of a second.

    Equal to :class:`indexer.encoders.minilm.MiniLmEncoder` to 1e-5 in every component, and so
    under the same ``encoder_id``.

    Args:
        folder: Where ``model.safetensors``, ``tokenizer.json``, ``config.json`` and
            ``sentence_bert_config.json`` are.
        revision: Of the weights; part of ``encoder_id``.

    Raises:
        WeightsMissingError: A file is missing.

    Source: Devlin et al. 2019 (BERT), Wang et al. 2020 (MiniLM), Reimers and Gurevych 2019 (mean
        pooling).
    """

    def __init__(self, folder: Path, revision: str) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        config = _read_json(folder / "config.json")
        self.encoder_id = f"{_NAME}@{revision}"
        self.dimension = int(config["hidden_size"])
        self._num_layers = int(config["num_hidden_layers"])
        self._num_heads = int(config["num_attention_heads"])
        self._epsilon = np.float32(config["layer_norm_eps"])
        self._weights: dict[str, Array] = load_file(_existing(folder / "model.safetensors"))
        self._tokenizer = Tokenizer.from_file(str(_existing(folder / "tokenizer.json")))
        max_tokens = int(_read_json(folder / "sentence_bert_config.json")["max_seq_length"])
        self._tokenizer.enable_truncation(max_tokens)
        self._tokenizer.enable_padding()

    def encode_text(self, texts: Sequence[str]) -> Array:
        """Embed ``Q`` texts as ``(Q, D)`` float32 rows of unit L2 norm, in input order."""
        embeddings = np.zeros((len(texts), self.dimension), dtype=np.float32)
        by_length = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        for first in range(0, len(by_length), _BATCH_TEXTS):
            rows = by_length[first : first + _BATCH_TEXTS]
            embeddings[rows] = self._encode_batch([texts[row] for row in rows])
        return embeddings

    def _encode_batch(self, texts: Sequence[str]) -> Array:
        tokens = self._tokenizer.encode_batch(list(texts))
        ids = np.array([token.ids for token in tokens])
        mask = np.array([token.attention_mask for token in tokens], dtype=np.float32)
        padding = (1 - mask)[:, None, None, :] * _PADDING_SCORE
        hidden = self._layers(self._embedded(ids), padding)
        pooled = (hidden * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        norms = np.linalg.norm(pooled, axis=1, keepdims=True)
        unit: Array = (pooled / norms).astype(np.float32)
        return unit

    def _embedded(self, ids: NDArray[np.int64]) -> Array:
        """Look token ids, ``(B, T)``, up as ``(B, T, D)``."""
        weights = self._weights
        hidden = (
            weights["embeddings.word_embeddings.weight"][ids]
            + weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
            + weights["embeddings.token_type_embeddings.weight"][0]
        )
        return self._norm(hidden, "embeddings")

    def _layers(self, hidden: Array, padding: Array) -> Array:
        """Run ``(B, T, D)`` through all layers; ``padding`` is ``(B, 1, 1, T)``."""
        for layer in range(self._num_layers):
            name = f"encoder.layer.{layer}"
            attended = self._attention(hidden, padding, f"{name}.attention.self")
            attended = self._dense(attended, f"{name}.attention.output.dense")
            hidden = self._norm(hidden + attended, f"{name}.attention.output")
            inner = _gelu(self._dense(hidden, f"{name}.intermediate.dense"))
            hidden = self._norm(
                hidden + self._dense(inner, f"{name}.output.dense"), f"{name}.output"
            )
        return hidden

    def _attention(self, hidden: Array, padding: Array, name: str) -> Array:
        """Attend ``(B, T, D)`` to itself; ``padding`` is ``(B, 1, 1, T)``, added to the scores."""
        queries, keys, values = (
            self._heads(self._dense(hidden, f"{name}.{part}")) for part in ("query", "key", "value")
        )
        scale = np.float32(queries.shape[-1] ** -0.5)
        scores = queries @ keys.transpose(0, 1, 3, 2) * scale + padding
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        mixed = (scores / scores.sum(axis=-1, keepdims=True)) @ values
        joined: Array = mixed.transpose(0, 2, 1, 3).reshape(hidden.shape)
        return joined

    def _heads(self, hidden: Array) -> Array:
        """Split ``(B, T, D)`` into ``(B, heads, T, D / heads)``."""
        batch, num_tokens, dimension = hidden.shape
        heads = hidden.reshape(batch, num_tokens, self._num_heads, dimension // self._num_heads)
        return heads.transpose(0, 2, 1, 3)

    def _dense(self, hidden: Array, name: str) -> Array:
        product: Array = hidden @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return product

    def _norm(self, hidden: Array, name: str) -> Array:
        centred = hidden - hidden.mean(axis=-1, keepdims=True)
        variance = (centred * centred).mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt(variance + self._epsilon)
        normed: Array = (
            scaled * self._weights[f"{name}.LayerNorm.weight"]
            + self._weights[f"{name}.LayerNorm.bias"]
        )
        return normed


def _gelu(inner: Array) -> Array:
    """Multiply by the normal distribution function, to 1.5e-7.

    Source: Abramowitz and Stegun 1964, formula 7.1.26, for the error function that numpy lacks.
    """
    size = np.abs(inner) * np.float32(0.5**0.5)
    t: Array = np.reciprocal(1 + np.float32(0.3275911) * size)
    series: Array = np.full_like(inner, 1.061405429)
    for coefficient in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series = series * t + np.float32(coefficient)
    half_tail = np.float32(0.5) * series * t * np.exp(-size * size)
    activated: Array = inner * np.where(inner < 0, half_tail, 1 - half_tail)
    return activated


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise WeightsMissingError(
            f"{_NAME} is incomplete: there is no {path}; run 'cinedex models pull'"
        )
    return path


def _read_json(path: Path) -> dict[str, float]:
    content: dict[str, float] = json.loads(_existing(path).read_text(encoding="utf-8"))
    return content
