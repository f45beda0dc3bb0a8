"""MiniLM's sentence encoder in ONNX Runtime: for the many texts of a video, without torch.

Importing torch and sentence-transformers takes some 5 s and 250 MB, more than to embed all that is
said in a film. Numpy is good for one query: its matrix library competes with the threads that look
and listen meanwhile.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.minilm_numpy import Array, MiniLmNumpyEncoder
from indexer.encoders.onnx_graph import OnnxGraph
from indexer.encoders.onnx_session import new_session

_HIDDEN, _PADDING = "hidden", "padding"


class MiniLmOnnxEncoder(MiniLmNumpyEncoder):
    """all-MiniLM-L6-v2, equal to the other two encoders to 1e-5 in every component.

    Args:
        folder: As for ``MiniLmNumpyEncoder``.
        revision: Of the weights; part of ``encoder_id``.
        threads: Processor threads for the network.

    Raises:
        WeightsMissingError: A file is missing.
    """

    def __init__(self, folder: Path, revision: str, threads: int = 1) -> None:
        super().__init__(folder, revision)
        writer = _Writer(self._weights, self._num_heads, float(self._epsilon))
        self._session = new_session(writer.model(self._num_layers, self.dimension), threads)
        # The session has those of the layers.
        self._weights = {
            name: weights for name, weights in self._weights.items() if "embeddings" in name
        }

    def _layers(self, hidden: Array, padding: Array) -> Array:
        (computed,) = self._session.run(None, {_HIDDEN: hidden, _PADDING: padding})
        layers: Array = computed
        return layers


class _Writer:
    """Writes the layers as one graph, as ``MiniLmNumpyEncoder`` computes them."""

    def __init__(self, weights: Mapping[str, Array], num_heads: int, epsilon: float) -> None:
        self._graph = OnnxGraph()
        self._weights = weights
        self._num_heads = num_heads
        self._epsilon = epsilon

    def model(self, num_layers: int, dimension: int) -> bytes:
        hidden = _HIDDEN
        for layer in range(num_layers):
            hidden = self._layer(hidden, f"encoder.layer.{layer}", dimension)
        inputs: dict[str, Sequence[int | str]] = {
            _HIDDEN: ("texts", "tokens", dimension),
            _PADDING: ("texts", 1, 1, "tokens"),
        }
        return self._graph.model(inputs, [hidden])

    def _layer(self, hidden: str, name: str, dimension: int) -> str:
        attended = self._attention(hidden, f"{name}.attention.self", dimension)
        attended = self._dense(attended, f"{name}.attention.output.dense")
        hidden = self._norm(self._add(hidden, attended), f"{name}.attention.output")
        inner = self._gelu(self._dense(hidden, f"{name}.intermediate.dense"))
        outer = self._dense(inner, f"{name}.output.dense")
        return self._norm(self._add(hidden, outer), f"{name}.output")

    def _attention(self, hidden: str, name: str, dimension: int) -> str:
        size = dimension // self._num_heads
        node = self._graph.node
        queries, keys, values = (
            node(
                "Transpose",
                node(
                    "Reshape",
                    self._dense(hidden, f"{name}.{part}"),
                    self._whole(0, 0, self._num_heads, size),
                ),
                # Keys lie crosswise, ready to be multiplied with.
                perm=(0, 2, 3, 1) if part == "key" else (0, 2, 1, 3),
            )
            for part in ("query", "key", "value")
        )
        scores = node("Mul", node("MatMul", queries, keys), self._number(size**-0.5))
        shares = node("Softmax", self._add(scores, _PADDING), axis=-1)
        mixed = node("Transpose", node("MatMul", shares, values), perm=(0, 2, 1, 3))
        return node("Reshape", mixed, self._whole(0, 0, dimension))

    def _dense(self, hidden: str, name: str) -> str:
        weights = self._graph.constant(self._weights[f"{name}.weight"].T)
        return self._add(
            self._graph.node("MatMul", hidden, weights),
            self._graph.constant(self._weights[f"{name}.bias"]),
        )

    def _norm(self, hidden: str, name: str) -> str:
        return self._graph.node(
            "LayerNormalization",
            hidden,
            self._graph.constant(self._weights[f"{name}.LayerNorm.weight"]),
            self._graph.constant(self._weights[f"{name}.LayerNorm.bias"]),
            axis=-1,
            epsilon=self._epsilon,
        )

    def _gelu(self, inner: str) -> str:
        node = self._graph.node
        error = node("Erf", node("Div", inner, self._number(2**0.5)))
        doubled = node("Mul", inner, self._add(error, self._number(1.0)))
        return node("Mul", doubled, self._number(0.5))

    def _add(self, first: str, second: str) -> str:
        return self._graph.node("Add", first, second)

    def _number(self, value: float) -> str:
        return self._graph.constant(np.array(value, dtype=np.float32))

    def _whole(self, *values: int) -> str:
        whole: NDArray[np.int64] = np.array(values, dtype=np.int64)
        return self._graph.constant(whole)
