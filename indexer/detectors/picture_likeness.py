"""How alike two pictures are, whatever the light and whether or not the camera moved a little."""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

COLUMNS, ROWS = 32, 18
BAR_SHARE = 0.1  # of the brightest cell; what is darker at the edge of both pictures is a bar
NOISE_LEVELS = 0.5  # of 255: detail below this is no detail
LEAST_BOX_CELLS = 4
SHIFT_COLUMNS = (-2, -1, 0, 1, 2)
SHIFT_ROWS = (-1, 0, 1)

Cells = NDArray[np.float32]


def shrink(picture: NDArray[np.uint8], columns: int = COLUMNS, rows: int = ROWS) -> Cells:
    """Average a picture over a grid of cells: ``(H, W, 3)`` to ``(rows, columns, 3)``."""
    small = cv2.resize(picture, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def picture_likeness(first: Cells, second: Cells, *, step: int = 0) -> float:
    """Correlate two pictures: 1 the same but for brightness and contrast, 0 unrelated.

    Black bars that both have are left out: they are alike in any two shots of a film.

    Args:
        first: ``(rows, columns, 3)``.
        second: Of the same shape.
        step: Let the second one be moved by up to two steps of so many columns sideways, and one
            of as many rows up and down; the best fit counts.
    """
    box = _box_without_bars(first, second)
    first, second = first[box], second[box]
    return max(_correlation(*pair) for pair in _shifted(first, second, step))


def _shifted(first: Cells, second: Cells, step: int) -> Iterator[tuple[Cells, Cells]]:
    height, width = first.shape[:2]
    yield first, second
    if not step or height <= 2 * step or width <= 4 * step:
        return
    for down in (step * rows for rows in SHIFT_ROWS):
        for right in (step * columns for columns in SHIFT_COLUMNS):
            if down or right:
                yield (
                    first[
                        max(0, down) : height + min(0, down), max(0, right) : width + min(0, right)
                    ],
                    second[
                        max(0, -down) : height + min(0, -down),
                        max(0, -right) : width + min(0, -right),
                    ],
                )


def _correlation(first: Cells, second: Cells) -> float:
    one, other = (first - first.mean()).ravel(), (second - second.mean()).ravel()
    floor = NOISE_LEVELS**2 * one.size
    return float(one @ other) / float(np.sqrt((one @ one + floor) * (other @ other + floor)))


def _box_without_bars(first: Cells, second: Cells) -> tuple[slice, slice]:
    brightest = np.maximum(first, second).max(axis=2)
    lit = brightest > BAR_SHARE * brightest.max()
    return _extent(lit.any(axis=1)), _extent(lit.any(axis=0))


def _extent(lit: NDArray[np.bool_]) -> slice:
    places = np.flatnonzero(lit)
    if len(places) < LEAST_BOX_CELLS:
        return slice(None)
    return slice(int(places[0]), int(places[-1]) + 1)
