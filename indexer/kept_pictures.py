"""The kept frames of one video, looked at again by an encoder that wants the pictures themselves.

Apart from the pass over the film so that another encoder re-runs the embed stage and nothing else.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.interfaces import PictureEncoder
from indexer.media.random_access import RandomAccessFrames
from indexer.memo import Memo
from indexer.payloads import pack, unpack
from indexer.workbook import StageWork

PICTURES_AT_ONCE = 16

Half = NDArray[np.float16]


class KeptPictures:
    """Embeds the kept frames of one video; fulfils ``PictureHead`` for these frames.

    What was embedded is saved while it goes on, so that an interrupted run need not start again.

    Args:
        path: Of the video.
        kept_seconds: Presentation times of its ``N`` kept frames, ascending.
        encoder: Of pictures.
        work: The stage that is running.
    """

    def __init__(
        self, path: Path, kept_seconds: Sequence[float], encoder: PictureEncoder, work: StageWork
    ) -> None:
        self._path = path
        self._kept_seconds = kept_seconds
        self._encoder = encoder
        self._work = work

    @property
    def encoder_id(self) -> str:
        """The encoder's."""
        return self._encoder.encoder_id

    @property
    def query_encoder_id(self) -> str:
        """The encoder's."""
        return self._encoder.query_encoder_id

    @property
    def dimension(self) -> int:
        """``D``."""
        return self._encoder.dimension

    def embed(self, probabilities: NDArray[np.floating]) -> NDArray[np.float32]:
        """Embed the ``N`` frames whose classes these are, ``(N, D)``, from their pictures.

        Raises:
            MediaError: The file cannot be read.
            ValueError: There are not as many rows as kept frames.
        """
        if len(probabilities) != len(self._kept_seconds):
            raise ValueError(
                f"there are {len(self._kept_seconds)} kept frames, got classes of "
                f"{len(probabilities)}"
            )
        memo: Memo[Half] = Memo(self._work, pack_rows, unpack_rows)
        known = {at: memo.recall(at) for at in self._kept_seconds}
        rows = {at: row for at, row in known.items() if row is not None}
        missing = [at for at in self._kept_seconds if at not in rows]
        frames = RandomAccessFrames()
        for first in range(0, len(missing), PICTURES_AT_ONCE):
            some = missing[first : first + PICTURES_AT_ONCE]
            embedded = self._encoder.embed_pictures(list(frames.frames_at(self._path, some)))
            for at, row in zip(some, embedded.astype(np.float16), strict=True):
                rows[at] = row
                memo.note(at, row)
            memo.save_in_time()
        return np.stack([rows[at] for at in self._kept_seconds]).astype(np.float32)


def pack_rows(entries: Sequence[tuple[float, Half]]) -> bytes:
    """Pack vectors of frames, and their instants."""
    seconds = np.array([at for at, _ in entries], np.float64)
    return pack({}, {"seconds": seconds, "rows": np.stack([row for _, row in entries])})


def unpack_rows(payload: bytes) -> list[tuple[float, Half]]:
    """Read what ``pack_rows`` made."""
    _, arrays = unpack(payload)
    return list(zip(arrays["seconds"].tolist(), arrays["rows"], strict=True))
