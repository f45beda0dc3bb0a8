"""Writing an ONNX model: the few fields of its protobuf messages that a plain network needs.

ONNX Runtime takes the bytes as they are, so nothing is written to disk and no exporter is needed.

Source:
    ``onnx.proto`` of ONNX, IR version 8; field numbers below are its own.
"""

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

IR_VERSION = 8
OPERATOR_SET = 17
FLOAT, WHOLE = 1, 7  # TensorProto.DataType
_VARINT, _LENGTH_DELIMITED, _FIXED32 = 0, 2, 5
_AS_FLOAT, _AS_INT, _AS_STRING, _AS_INTS = 1, 2, 3, 7  # AttributeProto.AttributeType

Attribute = int | float | str | Sequence[int]


class OnnxGraph:
    """A network that is put together node by node, in the order in which it is computed."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._constants: list[bytes] = []

    def constant(self, values: NDArray[np.float32] | NDArray[np.int64]) -> str:
        """Keep an array of any shape; returns its name."""
        name = f"constant_{len(self._constants)}"
        dims = b"".join(_number(1, side) for side in values.shape)
        is_whole = values.dtype.kind == "i"
        kind, spelling = (WHOLE, "<i8") if is_whole else (FLOAT, "<f4")
        raw = values.astype(spelling).tobytes()
        self._constants.append(dims + _number(2, kind) + _text(8, name) + _bytes(9, raw))
        return name

    def node(self, operator: str, *inputs: str, **attributes: Attribute) -> str:
        """Apply an operator to what earlier nodes made; returns the name of its result."""
        name = f"node_{len(self._nodes)}"
        message = b"".join(_text(1, given) for given in inputs) + _text(2, name)
        message += _text(3, name) + _text(4, operator)
        for key, value in attributes.items():
            message += _bytes(5, _attribute(key, value))
        self._nodes.append(message)
        return name

    def model(self, inputs: dict[str, Sequence[int | str]], outputs: Sequence[str]) -> bytes:
        """Return the model.

        Args:
            inputs: Name to shape, float32; a side that varies is named instead of counted.
            outputs: Names of the results.
        """
        graph = b"".join(_bytes(1, node) for node in self._nodes) + _text(2, "network")
        graph += b"".join(_bytes(5, constant) for constant in self._constants)
        graph += b"".join(_bytes(11, _value(name, shape)) for name, shape in inputs.items())
        graph += b"".join(_bytes(12, _value(name, None)) for name in outputs)
        operators = _text(1, "") + _number(2, OPERATOR_SET)
        return _number(1, IR_VERSION) + _bytes(7, graph) + _bytes(8, operators)


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, float):
        fields = _tag(2, _FIXED32) + struct.pack("<f", value) + _number(20, _AS_FLOAT)
    elif isinstance(value, int):
        fields = _number(3, value) + _number(20, _AS_INT)
    elif isinstance(value, str):
        fields = _text(4, value) + _number(20, _AS_STRING)
    else:
        fields = b"".join(_number(8, item) for item in value) + _number(20, _AS_INTS)
    return _text(1, name) + fields


def _value(name: str, shape: Sequence[int | str] | None) -> bytes:
    tensor = _number(1, FLOAT)
    if shape is not None:
        sides = (_number(1, side) if isinstance(side, int) else _text(2, side) for side in shape)
        tensor += _bytes(2, b"".join(_bytes(1, side) for side in sides))
    return _text(1, name) + _bytes(2, _bytes(1, tensor))


def _tag(field: int, wire_type: int) -> bytes:
    return _varint(field << 3 | wire_type)


def _number(field: int, value: int) -> bytes:
    return _tag(field, _VARINT) + _varint(value)


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())


def _bytes(field: int, value: bytes) -> bytes:
    return _tag(field, _LENGTH_DELIMITED) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    """Spell a number in groups of seven bits, the lowest first; below 0 as 64 bits."""
    value &= (1 << 64) - 1
    groups = []
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])
