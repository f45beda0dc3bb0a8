"""Pictures at any instants of any video: what the reasoner calls a ``FrameSource``."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.media.container import named_errors
from indexer.media.decord_frames import DecordError, DecordFrames, is_decord_here
from indexer.media.seeking import (
    FrameTable,
    UnseekableError,
    frame_table,
    pictures_by_seeking,
    pictures_in_order,
)

# Where the decoders are compared, as shares of all frames: back and forth, so that both must seek.
_COMPARED_SHARES = (0.81, 0.12, 0.97, 0.43, 0.0)
# Mean difference in levels of 0..255. Decoders that agree differ by 0; neighbouring frames by 1.
_MAX_DIFFERENCE_LEVELS = 0.5
_MAX_OPEN_VIDEOS = 4


@dataclass(slots=True)
class _Access:
    """How one file, as it was when first seen, is read."""

    modified_nanoseconds: int
    is_seekable: bool
    decord: DecordFrames | None


class RandomAccessFrames:
    """Serves frames from decord where they agree with PyAV's for that file, else from PyAV.

    Agreement is tried once for each file. Not for use by several threads at a time.

    Args:
        longest_side_pixels: Pictures are scaled down to this; ``None`` for full size.
        use_decord: ``False`` for PyAV only.
    """

    def __init__(self, longest_side_pixels: int | None = None, *, use_decord: bool = True) -> None:
        self._side = longest_side_pixels
        self._use_decord = use_decord and is_decord_here()
        self._accesses: OrderedDict[Path, _Access] = OrderedDict()

    def frames_at(self, path: Path, instants_seconds: Sequence[float]) -> NDArray[np.uint8]:
        """Return ``(N, H, W, 3)`` RGB, the frame on screen at each instant, in the order asked.

        Before the first frame that is the first one, after the last frame the last.

        Args:
            path: The video.
            instants_seconds: On the clock of ``decode_frames``; may be empty, repeated, in any
                order.

        Raises:
            MediaError: The file is missing, unreadable, no video, or without picture.
        """
        if not instants_seconds:
            return np.empty((0, 0, 0, 3), dtype=np.uint8)
        access = self._access(path)
        if access.decord is not None:
            try:
                return access.decord.pictures_at(instants_seconds, self._side)
            except DecordError:
                access.decord = None
        return self._decoded_by_pyav(path, access, instants_seconds, self._side)

    def decoder_of(self, path: Path) -> str:
        """Return which decoder serves a file: ``decord``, ``pyav seeking`` or ``pyav in order``."""
        access = self._access(path)
        if access.decord is not None:
            return "decord"
        return "pyav seeking" if access.is_seekable else "pyav in order"

    def _access(self, path: Path) -> _Access:
        with named_errors(path):
            modified_nanoseconds = path.stat().st_mtime_ns
        access = self._accesses.get(path)
        if access is None or access.modified_nanoseconds != modified_nanoseconds:
            table = frame_table(path)
            access = _Access(modified_nanoseconds, table is not None, None)
            if self._use_decord and table is not None:
                access.decord = self._agreeing_decord(path, access, table)
            self._accesses[path] = access
        self._accesses.move_to_end(path)
        while len(self._accesses) > _MAX_OPEN_VIDEOS:
            self._accesses.popitem(last=False)
        return access

    def _agreeing_decord(
        self, path: Path, access: _Access, table: FrameTable
    ) -> DecordFrames | None:
        """Open the file with decord and compare at full size, where agreement is equality."""
        instants = [float(table.times_seconds[number]) for number in _compared_numbers(table)]
        reference = self._decoded_by_pyav(path, access, instants, None).astype(np.int16)
        try:
            decord = DecordFrames(path, table)
            # One at a time: within one batch decord would read on instead of seeking.
            pictures = np.concatenate([decord.pictures_at([instant], None) for instant in instants])
        except DecordError:
            return None
        return decord if _is_same(reference, pictures) else None

    def _decoded_by_pyav(
        self,
        path: Path,
        access: _Access,
        instants_seconds: Sequence[float],
        longest_side_pixels: int | None,
    ) -> NDArray[np.uint8]:
        ascending = sorted(set(instants_seconds))
        pictures: list[NDArray[np.uint8]] | None = None
        if access.is_seekable:
            try:
                pictures = pictures_by_seeking(path, ascending, longest_side_pixels)
            except UnseekableError:
                access.is_seekable = False
        if pictures is None:
            pictures = pictures_in_order(path, ascending, longest_side_pixels)
        by_instant = dict(zip(ascending, pictures, strict=True))
        return np.stack([by_instant[instant] for instant in instants_seconds])


def _compared_numbers(table: FrameTable) -> list[int]:
    """Choose frames all over the file and, for that is where seeks go wrong, around key frames."""
    last = len(table.times_seconds) - 1
    late_key, middle_key = table.key_numbers[-1], table.key_numbers[len(table.key_numbers) // 2]
    spread = [round(share * last) for share in _COMPARED_SHARES]
    return [late_key, *spread, max(0, middle_key - 1), min(last, middle_key + 1)]


def _is_same(reference: NDArray[np.int16], pictures: NDArray[np.uint8]) -> bool:
    if reference.shape != pictures.shape:
        return False
    differences = np.abs(reference - pictures).mean(axis=(1, 2, 3))
    return bool(differences.max() <= _MAX_DIFFERENCE_LEVELS)
