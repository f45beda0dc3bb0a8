"""Which classes pictures may be of: of a thousand a few dozen, so the zeros are left out.

A film of three hours has ten thousand pictures; with the zeros they would take 20 MB while it is
looked at, and as much again whenever they are read.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Half = NDArray[np.float16]


class ClassProbabilities:
    """Probabilities of pictures over the same classes, one row a picture, as long as it is told."""

    def __init__(self) -> None:
        self._num_classes = 0
        self._classes: list[NDArray[np.uint16]] = []
        self._probabilities: list[Half] = []

    def append(self, row: Half) -> None:
        """Add a picture's, ``(C,)``."""
        self._num_classes = len(row)
        (classes,) = np.nonzero(row)
        self._classes.append(classes.astype(np.uint16))
        self._probabilities.append(row[classes])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return them as arrays that ``probability_rows`` reads."""
        return {
            "num_classes": np.array(self._num_classes),
            "ends": np.cumsum([len(classes) for classes in self._classes], dtype=np.int64),
            "classes": np.concatenate([np.zeros(0, np.uint16), *self._classes]),
            "probabilities": np.concatenate([np.zeros(0, np.float16), *self._probabilities]),
        }


def probability_rows(arrays: Mapping[str, NDArray[Any]]) -> Iterator[Half]:
    """Read them picture by picture, each ``(C,)`` with its zeros."""
    start = 0
    for end in arrays["ends"].tolist():
        row = np.zeros(int(arrays["num_classes"]), np.float16)
        row[arrays["classes"][start:end]] = arrays["probabilities"][start:end]
        yield row
        start = end
