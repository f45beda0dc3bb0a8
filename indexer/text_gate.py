"""A glance at a picture: may it hold text, and do the strokes of a text seen before still stand?

A glance costs a fiftieth of what reading does.
"""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

GLANCE_WIDTH_PIXELS = 320
EDGE_LEVELS = 40  # a stroke's side is a step of at least this many of 255 levels
CELL_HEIGHT_PIXELS = 8
CELL_WIDTH_PIXELS = 16
LEAST_TURNS = 0.11  # rising and falling edges that follow each other, per pixel of a cell
LEAST_NEIGHBOURS = 2  # a word spans this many cells in a row
CELLS_FOR_TEXT = 2
LONGEST_ROLL_SHARE = 0.85
LEAST_ROLL_COSINE = 0.7
LEAST_ROLLED_STROKES = 0.45  # a roll by parts of a pixel blurs strokes, so not all stand again

Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Glance:
    """One picture, small and grey.

    Attributes:
        grey: ``(H, W)`` int16 of some 320 pixels' width.
        strokes: ``(H, W - 1)`` int8: 1 where a row of pixels steps up to the right, -1 where it
            steps down, 0 where it does neither by ``EDGE_LEVELS``.
    """

    grey: NDArray[np.int16]
    strokes: NDArray[np.int8]

    @cached_property
    def cells(self) -> NDArray[np.bool_]:
        """``(rows, columns)``: cells of 8 x 16 pixels that look like part of a line of text.

        Letters make steps up and down that follow each other closely along a row of pixels, in
        several cells side by side. Foliage does too, which is why this is a gate and no detector.
        """
        last = _carried(self.strokes)
        turns = (self.strokes[:, 1:] != 0) & (self.strokes[:, 1:] == -last[:, :-1])
        rows = self.grey.shape[0] // CELL_HEIGHT_PIXELS
        columns = turns.shape[1] // CELL_WIDTH_PIXELS
        if rows == 0 or columns < LEAST_NEIGHBOURS:
            return np.zeros((rows, columns), dtype=np.bool_)
        cut = turns[: rows * CELL_HEIGHT_PIXELS, : columns * CELL_WIDTH_PIXELS]
        density = cut.reshape(rows, CELL_HEIGHT_PIXELS, columns, CELL_WIDTH_PIXELS).mean((1, 3))
        is_dense = density >= LEAST_TURNS
        beside = np.zeros_like(is_dense)
        beside[:, 1:] |= is_dense[:, :-1]
        beside[:, :-1] |= is_dense[:, 1:]
        marked: NDArray[np.bool_] = is_dense & beside
        return marked

    @cached_property
    def coarse(self) -> NDArray[np.float32]:
        """``(rows, columns)`` mean levels of blocks of some 16 x 16 pixels."""
        rows = np.arange(0, self.grey.shape[0], CELL_WIDTH_PIXELS)
        columns = np.arange(0, self.grey.shape[1], CELL_WIDTH_PIXELS)
        summed = np.add.reduceat(self.grey, rows, axis=0, dtype=np.float32)
        summed = np.add.reduceat(summed, columns, axis=1)
        sides = [
            np.diff(np.append(edges, side))
            for edges, side in zip((rows, columns), self.grey.shape, strict=True)
        ]
        pixels = np.multiply.outer(*sides).astype(np.float32)
        means: NDArray[np.float32] = np.divide(summed, pixels, dtype=np.float32)
        return means

    @property
    def looks_written(self) -> bool:
        """Misses little, errs towards yes."""
        return int(self.cells.sum()) >= CELLS_FOR_TEXT

    def strokes_in(self, box: Box) -> NDArray[np.int8]:
        """Cut the strokes in a box out, given as fractions of the picture's sides."""
        height, width = self.grey.shape
        left, top, right, bottom = box
        # A box moved by whole rows cuts as many of them.
        first_row, last_row = (int(edge * height + 1e-6) for edge in (top, bottom))
        first_column = int(left * width)
        return self.strokes[
            first_row : max(last_row, first_row + 1),
            first_column : max(int(right * width), first_column + 1),
        ]


def glance(picture: NDArray[np.uint8]) -> Glance:
    """Reduce ``(H, W, 3)`` RGB to a glance, averaging blocks of pixels."""
    factor = max(1, round(picture.shape[1] / GLANCE_WIDTH_PIXELS))
    rows, columns = (side // factor for side in picture.shape[:2])
    whole = picture[: rows * factor, : columns * factor]
    small = cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.int16)
    grey = (small[..., 0] + 2 * small[..., 1] + small[..., 2]) // 4
    steps = np.diff(grey, axis=1)
    strokes = (steps > EDGE_LEVELS).astype(np.int8) - (steps < -EDGE_LEVELS)
    return Glance(grey, strokes)


def standing_share(before: NDArray[np.int8], now: NDArray[np.int8]) -> float:
    """Say how many of the strokes that were there still are, in ``[0, 1]``.

    New strokes do not count against it: the ground of a standing title may move.
    """
    if before.shape != now.shape:
        return 0.0
    count = int(np.count_nonzero(before))
    return float(np.count_nonzero((before == now) & (before != 0)) / count) if count else 1.0


def rolled_share(before: Glance, now: Glance) -> float:
    """Say by what share of its height a picture's strokes have moved up; 1 where they did not.

    Credits roll: what one look shows stands higher at the next.
    """
    height = before.grey.shape[0]
    if before.strokes.shape != now.strokes.shape:
        return 1.0
    profiles = _row_profiles(before.strokes), _row_profiles(now.strokes)
    shifts = range(max(1, round(LONGEST_ROLL_SHARE * height)))
    scores = [_cosine(profiles[0][shift:], profiles[1][: height - shift]) for shift in shifts]
    shift = int(np.argmax(scores))
    # A page of which one line is another now stands; it has not rolled by a row.
    if shift == 0 or scores[shift] < LEAST_ROLL_COSINE:
        return 1.0
    # Two pages of credits have alike profiles where their lines stand; their letters differ.
    is_roll = standing_share(before.strokes[shift:], now.strokes[:-shift]) >= LEAST_ROLLED_STROKES
    return shift / height if is_roll else 1.0


def _row_profiles(strokes: NDArray[np.int8]) -> NDArray[np.float32]:
    """Count the strokes of each row in each of some 40 columns."""
    edges = np.arange(0, strokes.shape[1], CELL_HEIGHT_PIXELS)
    counts: NDArray[np.float32] = np.add.reduceat(strokes != 0, edges, axis=1, dtype=np.float32)
    return counts


def _cosine(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    norms = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float((first * second).sum()) / norms if norms else 0.0


def _carried(strokes: NDArray[np.int8]) -> NDArray[np.int8]:
    """Fill zeros of each row with the last stroke before them."""
    columns = np.arange(strokes.shape[1], dtype=np.int32)
    positions = np.where(strokes != 0, columns, 0)
    return np.take_along_axis(strokes, np.maximum.accumulate(positions, axis=1), axis=1)
