"""Text in pictures: which frames are worth reading, and what the readings add up to.

Reading a frame costs some hundred times what a glance at it does, so a frame is read only when it
seems to hold text and that text is not the one just read.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from indexer.interfaces import ScreenLine, ScreenTextReader

GLANCE_WIDTH_PIXELS = 320
EDGE_LEVELS = 40  # a stroke's side is a step of at least this many of 255 levels
CELL_HEIGHT_PIXELS = 8
CELL_WIDTH_PIXELS = 16
LEAST_TURNS = 0.11  # rising and falling edges that follow each other, per pixel of a cell
LEAST_NEIGHBOURS = 2  # a word spans this many cells in a row
CELLS_FOR_TEXT = 2
REREAD_LOOKS = 3  # a picture that looked written and was not is read again after so many looks
MORE_CELLS = 1.5  # or when so many times as many cells look written
PATCH_LEVELS = 24.0
LEAST_ALIKE = 0.9


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read at one look.

    Attributes:
        pts_seconds: Of the frame.
        same_until_seconds: The last look that showed the same picture; at least ``pts_seconds``.
        lines: In reading order; empty where nothing is written.
    """

    pts_seconds: float
    same_until_seconds: float
    lines: tuple[ScreenLine, ...] = ()


class TextGate:
    """Says at a glance whether a picture may hold text; misses little, errs towards yes."""

    def looks_written(self, picture: NDArray[np.uint8]) -> bool:
        """Glance at one ``(H, W, 3)`` RGB picture."""
        return int(written_cells(picture).sum()) >= CELLS_FOR_TEXT


def written_cells(picture: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Mark cells of the picture that look like part of a line of text.

    Letters make steps up and down that follow each other closely along a row of pixels, in several
    cells side by side. Foliage does too, which is why this is a gate and no detector.

    Returns:
        ``(rows, columns)`` over cells of 8 x 16 pixels in a picture of some 320 pixels' width.
    """
    grey = glance(picture)
    steps = np.diff(grey, axis=1)
    signs = np.sign(steps) * (np.abs(steps) > EDGE_LEVELS)
    last = _carried(signs)
    turns = (signs[:, 1:] != 0) & (signs[:, 1:] == -last[:, :-1])
    rows, columns = grey.shape[0] // CELL_HEIGHT_PIXELS, turns.shape[1] // CELL_WIDTH_PIXELS
    if rows == 0 or columns < LEAST_NEIGHBOURS:
        return np.zeros((rows, columns), dtype=np.bool_)
    cells = turns[: rows * CELL_HEIGHT_PIXELS, : columns * CELL_WIDTH_PIXELS]
    density = cells.reshape(rows, CELL_HEIGHT_PIXELS, columns, CELL_WIDTH_PIXELS).mean(axis=(1, 3))
    is_dense = density >= LEAST_TURNS
    beside = np.zeros_like(is_dense)
    beside[:, 1:] |= is_dense[:, :-1]
    beside[:, :-1] |= is_dense[:, 1:]
    marked: NDArray[np.bool_] = is_dense & beside
    return marked


def glance(picture: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Reduce ``(H, W, 3)`` to grey of some 320 pixels' width, averaging blocks of pixels."""
    factor = max(1, round(picture.shape[1] / GLANCE_WIDTH_PIXELS))
    height, width = (side // factor * factor for side in picture.shape[:2])
    colours = picture[:height, :width].astype(np.uint16)
    grey = (colours[..., 0] + 2 * colours[..., 1] + colours[..., 2]) // 4
    blocks = grey.reshape(height // factor, factor, width // factor, factor)
    means: NDArray[np.int16] = blocks.mean(axis=(1, 3)).astype(np.int16)
    return means


def _carried(signs: NDArray[np.int16]) -> NDArray[np.int16]:
    """Fill zeros of each row with the last sign before them."""
    positions = np.where(signs != 0, np.arange(signs.shape[1]), 0)
    return np.take_along_axis(signs, np.maximum.accumulate(positions, axis=1), axis=1)


class TextFollower:
    """Reads the frames of one video, each text once for as long as it stands still.

    Args:
        reader: Called only when the gate says so and the text is not the one just read.

    Attributes:
        glanced_frames: Frames looked at.
        read_frames: Frames given to the reader.
    """

    def __init__(self, reader: ScreenTextReader) -> None:
        self._reader = reader
        self._patches: list[NDArray[np.bool_]] = []
        self._cells: NDArray[np.bool_] | None = None
        self._lines: tuple[ScreenLine, ...] = ()
        self._looks_since_reading = 0
        self.glanced_frames = 0
        self.read_frames = 0

    def look(self, picture: NDArray[np.uint8], pts_seconds: float) -> Reading:
        """Take the next chosen frame, ``(H, W, 3)`` RGB."""
        self.glanced_frames += 1
        self._looks_since_reading += 1
        cells = written_cells(picture)
        if int(cells.sum()) < CELLS_FOR_TEXT:
            self._lines, self._cells = (), None
        elif not self._shows_the_same(picture, cells):
            self.read_frames += 1
            self._looks_since_reading = 0
            self._lines, self._cells = tuple(self._reader.read(picture)), cells
            self._patches = [_patch(picture, line) for line in self._lines]
        return Reading(pts_seconds, pts_seconds, self._lines)

    def _shows_the_same(self, picture: NDArray[np.uint8], cells: NDArray[np.bool_]) -> bool:
        """Say whether reading again would tell nothing new."""
        before = self._cells
        if before is None or before.shape != cells.shape:
            return False
        if not self._lines:
            has_grown = int(cells.sum()) > MORE_CELLS * int(before.sum()) + CELLS_FOR_TEXT
            return not has_grown and self._looks_since_reading < REREAD_LOOKS
        if int((cells & ~before).sum()) >= CELLS_FOR_TEXT:
            return False
        return all(
            _alike(_patch(picture, line), patch)
            for line, patch in zip(self._lines, self._patches, strict=True)
        )


def with_stay(reading: Reading, same_until_seconds: float) -> Reading:
    """Lengthen a reading to the last look at which its picture had not changed."""
    return replace(reading, same_until_seconds=max(reading.pts_seconds, same_until_seconds))


def _patch(picture: NDArray[np.uint8], line: ScreenLine) -> NDArray[np.bool_]:
    """Cut a line out and tell ink from ground: ``(h, w)`` bools."""
    grey = glance(picture)
    height, width = grey.shape
    left, top, right, bottom = line.box
    cut = grey[
        int(top * height) : max(int(bottom * height), int(top * height) + 1),
        int(left * width) : max(int(right * width), int(left * width) + 1),
    ]
    ink: NDArray[np.bool_] = np.abs(cut - np.median(cut)) > PATCH_LEVELS
    return ink


def _alike(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> bool:
    if first.shape != second.shape:
        return False
    union = int((first | second).sum())
    return union == 0 or int((first & second).sum()) / union >= LEAST_ALIKE
