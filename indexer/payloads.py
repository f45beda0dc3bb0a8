"""What a stage found as bytes: plain values as JSON and arrays beside them, in one zip file."""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

_VALUES = "values"


def pack(values: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]] | None = None) -> bytes:
    """Pack what JSON can say, and arrays of numbers; equal input gives equal bytes.

    A lone surrogate of an undecodable file name comes back as it was.

    Args:
        values: By name; floats come back with every bit.
        arrays: By name.

    Raises:
        ValueError: An array is named ``values``.
    """
    if arrays is not None and _VALUES in arrays:
        raise ValueError(f"an array cannot be named {_VALUES!r}: the plain values are")
    spelled = json.dumps(values, sort_keys=True, allow_nan=False)
    members = {_VALUES: np.frombuffer(spelled.encode(), np.uint8), **(arrays or {})}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, array in members.items():
            about = zipfile.ZipInfo(f"{name}.npy")
            about.compress_type = zipfile.ZIP_DEFLATED
            with file.open(about, "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)
    return packed.getvalue()


def unpack(payload: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Read what ``pack`` made."""
    with np.load(io.BytesIO(payload), allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    values: dict[str, Any] = json.loads(arrays.pop(_VALUES).tobytes())
    return values, arrays


def unpack_values(payload: bytes) -> dict[str, Any]:
    """Read the plain values of what ``pack`` made, and leave the arrays packed."""
    values: dict[str, Any] = json.loads(unpack_array(payload, _VALUES).tobytes())
    return values


def unpack_array(payload: bytes, name: str) -> NDArray[Any]:
    """Read one array of what ``pack`` made, and leave the others packed."""
    with np.load(io.BytesIO(payload), allow_pickle=False) as file:
        array: NDArray[Any] = file[name]
    return array


def joined(chunks: list[bytes]) -> dict[str, NDArray[Any]]:
    """Lay byte strings end to end, as two arrays for ``pack``."""
    ends = np.cumsum([len(chunk) for chunk in chunks], dtype=np.int64)
    return {"bytes": np.frombuffer(b"".join(chunks), np.uint8), "ends": ends}


def parted(arrays: Mapping[str, NDArray[Any]]) -> list[bytes]:
    """Take apart what ``joined`` laid together."""
    ends = arrays["ends"].tolist()
    starts = [0, *ends][:-1]
    together = arrays["bytes"].tobytes()
    return [together[start:end] for start, end in zip(starts, ends, strict=True)]
