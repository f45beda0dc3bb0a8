"""Which frames are read, and what was read in each: a text once while it stands, glides or rolls.

Reading a frame costs some fifty times what a glance at it does. A frame is therefore read when the
glance says that it may hold text which has not been read yet; where reading again and again tells
nothing new, it is tried ever more seldom; and what a minute may cost is bounded.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from indexer.interfaces import ScreenLine, ScreenTextReader
from indexer.likeness import LEAST_LIKENESS, likeness
from indexer.text_gate import (
    CELLS_FOR_TEXT,
    LEAST_ROLLED_STROKES,
    Glance,
    glance,
    rolled_share,
    standing_share,
)

EDGE_SHARE = 0.01  # what stands nearer to the picture's upper or lower edge may be cut


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """When a frame is read.

    Attributes:
        standing_share: A line of which at least this share of the strokes is still there, stands.
        rolled_share: A roll is read again once it moved by this share of the picture's height.
        sure_cells: Fewer cells that look written are believed once they are seen twice.
        more_cells: A picture is read soon when so many times as many cells look written.
        scene_levels: Mean change of the picture's cells, of 255 levels, that begins a new scene.
        first_wait_looks: After a reading that told nothing new; doubled after each further one.
        sure_confidence: A line read so surely is not read again while it stands or rolls.
        longest_wait_looks: Nor is a picture that looks written left unread for longer.
        first_lines: Work that may be done in any video; a reading costs one and one for each line.
        lines_per_second: Work that may be done besides for each second of video so far.
    """

    standing_share: float = 0.7
    rolled_share: float = 0.5
    sure_cells: int = 6
    more_cells: float = 1.5
    scene_levels: float = 40.0
    first_wait_looks: int = 3
    longest_wait_looks: int = 12
    sure_confidence: float = 0.97
    first_lines: float = 150.0
    lines_per_second: float = 0.5


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


class TextFollower:
    """Reads the frames of one video; a function of the frames in order and of what was read.

    Args:
        reader: Called at most once for each look.

    Attributes:
        glanced_frames: Frames looked at.
        read_frames: Frames given to the reader.
        unknown_frames: Frames read that hold writing which the reader does not know.
        put_off_looks: Looks that should have been read and were not, as the video holds more text
            than may be read.
    """

    def __init__(
        self, reader: ScreenTextReader, options: ReadingOptions = ReadingOptions()
    ) -> None:
        self._reader = reader
        self._options = options
        self._budget = options.first_lines
        self._last_seconds = 0.0
        self._coarse: NDArray[np.float32] | None = None
        self._wait_looks = 0
        self._cells_in_vain = 0
        self._looks_since_reading = 0
        self._glance_before: Glance | None = None
        self._forget()
        self.glanced_frames = 0
        self.read_frames = 0
        self.unknown_frames = 0
        self.put_off_looks = 0

    def look(self, picture: NDArray[np.uint8], pts_seconds: float) -> Reading:
        """Take the next chosen frame, ``(H, W, 3)`` RGB."""
        self.glanced_frames += 1
        self._earn(pts_seconds)
        seen = glance(picture)
        self._looks_since_reading += 1
        if self._begins_scene(seen) or not (seen.looks_written or self._shows_lines(seen)):
            self._forget()
        if self._is_due(seen):
            if self._budget > 0:
                self._read(picture, seen)
            else:
                self.put_off_looks += 1
        return Reading(pts_seconds, pts_seconds, self._lines)

    def _earn(self, pts_seconds: float) -> None:
        self._budget += self._options.lines_per_second * (pts_seconds - self._last_seconds)
        self._last_seconds = pts_seconds

    def _begins_scene(self, seen: Glance) -> bool:
        before, self._coarse = self._coarse, seen.coarse
        if before is None or before.shape != seen.coarse.shape:
            return True
        return float(np.abs(before - seen.coarse).mean()) > self._options.scene_levels

    def _forget(self) -> None:
        self._lines: tuple[ScreenLine, ...] = ()
        self._texts: list[str] = []
        self._read_glance: Glance | None = None
        self._known_cells: NDArray[np.bool_] | None = None
        self._wait_looks //= 2

    def _is_due(self, seen: Glance) -> bool:
        """Say whether reading may tell something new, and is not tried in vain too often."""
        is_written = self._is_written(seen)
        has_waited = self._looks_since_reading >= self._wait_looks
        read, known = self._read_glance, self._known_cells
        if read is None or known is None or known.shape != seen.cells.shape:
            # What stands still is looked at once: a card is not to wait for the trees before it.
            return is_written and (has_waited or self._has_grown(seen, self._cells_in_vain))
        stands = self._stands(read, seen)
        if not stands:
            rolled = rolled_share(read, seen)
            if rolled < 1 and self._looks_since_reading < self._options.longest_wait_looks:
                return rolled >= self._options.rolled_share
        is_new = not stands or _count(seen.cells & ~known) >= CELLS_FOR_TEXT
        has_grown = self._has_grown(seen, _count(known))
        return has_grown or (has_waited and (is_new or not self._lines))

    def _has_grown(self, seen: Glance, num_cells: int) -> bool:
        return _count(seen.cells) > self._options.more_cells * num_cells + CELLS_FOR_TEXT

    def _is_written(self, seen: Glance) -> bool:
        """Believe a few cells only where they stand or roll: those of foliage come and go."""
        before, self._glance_before = self._glance_before, seen
        if not seen.looks_written or _count(seen.cells) >= self._options.sure_cells:
            return seen.looks_written
        if before is None or before.cells.shape != seen.cells.shape:
            return False
        stands = _count(seen.cells & before.cells) >= CELLS_FOR_TEXT
        return stands or rolled_share(before, seen) < 1

    def _shows_lines(self, seen: Glance) -> bool:
        """Say whether the lines read last are still there, wherever they have moved."""
        read = self._read_glance
        if read is None or not self._lines:
            return False
        return self._stands(read, seen) or rolled_share(read, seen) < 1

    def _stands(self, read: Glance, seen: Glance) -> bool:
        least = self._options.standing_share
        return all(
            standing_share(read.strokes_in(line.box), seen.strokes_in(line.box)) >= least
            for line in self._lines
        )

    def _read(self, picture: NDArray[np.uint8], seen: Glance) -> None:
        self.read_frames += 1
        self._looks_since_reading = 0
        found = self._reader.read(picture, self._lines_still_there(seen))
        self._lines = tuple(line for line in found if line.text)
        self.unknown_frames += len(self._lines) < len(found)
        self._budget -= 1 + len(self._lines)
        news = [line.text for line in self._lines if not self._is_known(line.text)]
        self._texts += news
        if news:
            self._wait_looks, self._known_cells, self._cells_in_vain = 0, None, 0
        else:
            self._cells_in_vain = _count(seen.cells)
            self._wait_looks = min(
                max(self._options.first_wait_looks, 2 * self._wait_looks),
                self._options.longest_wait_looks,
            )
        self._known_cells = _joined(seen.cells, self._known_cells)
        self._read_glance = seen

    def _lines_still_there(self, seen: Glance) -> list[ScreenLine]:
        """Find the lines read before, surely and whole, that stand on or have rolled up."""
        read = self._read_glance
        if read is None or not self._lines:
            return []
        up, least = rolled_share(read, seen), LEAST_ROLLED_STROKES
        if up == 1:
            up, least = 0.0, self._options.standing_share
        return [
            moved
            for line in self._lines
            if line.confidence >= self._options.sure_confidence and _is_whole(line)
            for moved in [_moved_up(line, up)]
            if _is_whole(moved)
            and standing_share(read.strokes_in(line.box), seen.strokes_in(moved.box)) >= least
        ]

    def _is_known(self, text: str) -> bool:
        return any(likeness(text, known) >= LEAST_LIKENESS for known in self._texts)


def with_stay(reading: Reading, same_until_seconds: float) -> Reading:
    """Lengthen a reading to the last look at which its picture had not changed."""
    return replace(reading, same_until_seconds=max(reading.pts_seconds, same_until_seconds))


def _moved_up(line: ScreenLine, share: float) -> ScreenLine:
    left, top, right, bottom = line.box
    return replace(line, box=(left, top - share, right, bottom - share))


def _is_whole(line: ScreenLine) -> bool:
    return line.box[1] >= EDGE_SHARE and line.box[3] <= 1 - EDGE_SHARE


def _count(cells: NDArray[np.bool_]) -> int:
    return int(np.count_nonzero(cells))


def _joined(cells: NDArray[np.bool_], known: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
    return cells if known is None or known.shape != cells.shape else cells | known
