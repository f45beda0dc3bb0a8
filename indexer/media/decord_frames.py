"""The frames on screen at given instants, read with decord."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.media.picture import scaled_picture
from indexer.media.seeking import FrameTable

# Its times are rounded to the container's clock (1 ms in Matroska).
_ROUNDING_SECONDS = 2e-3
# Full-size pictures held at a time, before they are scaled.
_BATCH_FRAMES = 8


def is_decord_here() -> bool:
    """Say whether decord can be imported; it is built for x86-64 only."""
    try:
        import decord  # noqa: F401  (asked for, not used)
    except (ImportError, OSError):
        return False
    return True


class DecordFrames:
    """Random access to one file.

    Args:
        table: As PyAV reads it. decord's own times are rounded to single precision and count from
            elsewhere in some containers.

    Raises:
        DecordError: It does not open the file, or finds other frames or key frames in it. Where it
            takes another frame for a key frame (open groups of pictures), a seek leads it to the
            wrong ones.
    """

    def __init__(self, path: Path, table: FrameTable) -> None:
        import decord

        # Otherwise its copy of FFmpeg writes to standard error.
        decord.logging.set_level(decord.logging.QUIET)
        try:
            self._reader: Any = decord.VideoReader(str(path), num_threads=1)
            starts = self._reader.get_frame_timestamp(range(len(self._reader)))[:, 0]
        except (RuntimeError, decord.DECORDError) as error:
            raise DecordError(str(path)) from error
        # Frames before 0 are those that an edit list cuts away.
        self._num_cut = int(np.count_nonzero(starts < -_ROUNDING_SECONDS))
        self._times = table.times_seconds
        keys = np.asarray(self._reader.get_key_indices()) - self._num_cut
        if not _is_same_times(starts[self._num_cut :], self._times) or table.key_numbers != tuple(
            keys[keys >= 0].tolist()
        ):
            raise DecordError(f"{path} has other frames for decord than for PyAV")

    def pictures_at(
        self, instants_seconds: Sequence[float], longest_side_pixels: int | None
    ) -> NDArray[np.uint8]:
        """Return ``(N, H, W, 3)`` RGB in the order asked."""
        after = np.searchsorted(self._times, np.asarray(instants_seconds), side="right")
        numbers = np.maximum(after - 1, 0) + self._num_cut
        pictures = [
            scaled_picture(picture, longest_side_pixels)
            for batch in _batched(numbers.tolist())
            for picture in self._pictures(batch)
        ]
        # Otherwise its thread decodes on and keeps what comes, to the end of the film.
        self._reader.seek(0)
        return np.stack(pictures)

    def _pictures(self, numbers: Sequence[int]) -> NDArray[np.uint8]:
        import decord

        try:
            return np.asarray(self._reader.get_batch(list(numbers)).asnumpy(), dtype=np.uint8)
        except (RuntimeError, decord.DECORDError) as error:
            raise DecordError("decord stopped decoding") from error


def _batched(numbers: list[int]) -> Iterator[list[int]]:
    for first in range(0, len(numbers), _BATCH_FRAMES):
        yield numbers[first : first + _BATCH_FRAMES]


def _is_same_times(decord_seconds: NDArray[np.float64], seconds: NDArray[np.float64]) -> bool:
    """Compare frame times up to where they count from."""
    return decord_seconds.shape == seconds.shape and bool(
        np.allclose(
            decord_seconds - decord_seconds[0], seconds - seconds[0], rtol=0, atol=_ROUNDING_SECONDS
        )
    )


class DecordError(Exception):
    """decord cannot serve this file; PyAV can."""
