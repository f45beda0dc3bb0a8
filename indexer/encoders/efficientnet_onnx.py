"""EfficientNet-Lite as an ONNX model, which ONNX Runtime computes in two thirds of torch's time."""

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from indexer.encoders.efficientnet_network import (
    Block,
    EfficientNetLite,
    FoldedConvolution,
)
from indexer.encoders.onnx_graph import OnnxGraph

INPUT = "pictures"
RELU6_BOUNDS = (0.0, 6.0)


def onnx_model(network: EfficientNetLite) -> bytes:
    """Write a filled network: ``(B, 3, H, W)`` pictures to logits and features, in this order."""
    writer = _Writer()
    maps = writer.relu6(writer.convolve(network.stem, INPUT))
    for block in network.blocks:
        assert isinstance(block, Block)
        maps = writer.block(block, maps)
    maps = writer.relu6(writer.convolve(network.head, maps))
    features = writer.graph.node("Flatten", writer.graph.node("GlobalAveragePool", maps))
    logits = writer.graph.node(
        "Gemm",
        features,
        writer.graph.constant(_array(network.classify.weight)),
        writer.graph.constant(_array(network.classify.bias)),
        transB=1,
    )
    return writer.graph.model({INPUT: ("B", 3, "H", "W")}, (logits, features))


class _Writer:
    def __init__(self) -> None:
        self.graph = OnnxGraph()
        self._bounds = [
            self.graph.constant(np.array(bound, dtype=np.float32)) for bound in RELU6_BOUNDS
        ]

    def block(self, block: Block, maps: str) -> str:
        inner = maps
        if block.expand is not None:
            inner = self.relu6(self.convolve(block.expand, inner))
        inner = self.relu6(self.convolve(block.depthwise, inner))
        narrow = self.convolve(block.project, inner)
        return self.graph.node("Add", narrow, maps) if block.is_residual else narrow

    def convolve(self, folded: FoldedConvolution, maps: str) -> str:
        convolution = folded.convolution
        assert convolution.bias is not None
        return self.graph.node(
            "Conv",
            maps,
            self.graph.constant(_array(convolution.weight)),
            self.graph.constant(_array(convolution.bias)),
            group=convolution.groups,
            strides=convolution.stride,
            # TensorFlow's "same", as ``FoldedConvolution`` pads by hand.
            auto_pad="SAME_UPPER",
        )

    def relu6(self, maps: str) -> str:
        return self.graph.node("Clip", maps, *self._bounds)


def _array(weights: Tensor) -> NDArray[np.float32]:
    values: NDArray[np.float32] = weights.detach().numpy()
    return values
