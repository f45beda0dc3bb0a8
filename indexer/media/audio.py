"""The sound of a video as one channel of floats, on the same clock as its frames."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.media.container import named_errors, open_media
from indexer.media.packets import PacketDecoder
from indexer.media.sample_line import SampleLine

DEFAULT_SAMPLE_RATE_HERTZ = 16_000
DEFAULT_CHUNK_SECONDS = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class AudioTrack:
    """The sound of one video.

    Attributes:
        samples: ``(T,)`` float32 in ``[-1, 1]``, all channels mixed to one.
        start_seconds: Presentation time of the first sample.
    """

    samples: NDArray[np.float32]
    sample_rate_hertz: int
    start_seconds: float

    @property
    def end_seconds(self) -> float:
        """Presentation time just after the last sample."""
        return self.start_seconds + len(self.samples) / self.sample_rate_hertz


class AudioReader:
    """Reads the sound of one video piece by piece; the pieces joined are the whole.

    Silence stands where the timestamps leave a gap. Memory does not grow with the length of the
    video.

    Args:
        path: The video.
        chunk_seconds: Length of every piece but the last.
        sample_rate_hertz: Samples a second in the result, whatever the file has.

    Raises:
        ValueError: ``chunk_seconds`` or ``sample_rate_hertz`` is not positive.

    Attributes:
        end_seconds: Where the sound heard so far ends; after the last piece, where all of it ends,
            whatever the file states. 0 where there is none.
    """

    def __init__(
        self,
        path: Path,
        *,
        chunk_seconds: float = DEFAULT_CHUNK_SECONDS,
        sample_rate_hertz: int = DEFAULT_SAMPLE_RATE_HERTZ,
    ) -> None:
        if chunk_seconds <= 0 or sample_rate_hertz <= 0:
            raise ValueError(
                f"chunk and rate must be positive, got {chunk_seconds} s, {sample_rate_hertz} Hz"
            )
        self.path = path
        self.end_seconds = 0.0
        self._rate = sample_rate_hertz
        self._chunk_samples = max(1, round(chunk_seconds * sample_rate_hertz))
        self._decoder: PacketDecoder | None = None

    @property
    def damaged_packets(self) -> int:
        """Packets that could not be read or decoded so far."""
        return self._decoder.damaged_packets if self._decoder else 0

    @property
    def stopped_early(self) -> bool:
        """Whether the rest of the file was given up because nothing in it decoded."""
        return self._decoder is not None and self._decoder.stopped_early

    def __iter__(self) -> Iterator[tuple[float, NDArray[np.float32]]]:
        """Yield presentation time of the first sample, and ``(T,)`` float32 mono samples.

        Samples are in ``[-1, 1]``. Nothing comes from a video without sound.

        Raises:
            MediaError: The file is missing, unreadable or no video.
        """
        with open_media(self.path) as media, named_errors(self.path):
            if media.audio is None:
                return
            self._decoder = PacketDecoder(media)
            line = SampleLine(media, self._rate)
            for frame in self._decoder.audio_frames(media.audio):
                line.push(frame)
                self.end_seconds = line.end_seconds
                while line.num_waiting >= self._chunk_samples:
                    yield line.take(self._chunk_samples)
            line.finish()
            self.end_seconds = line.end_seconds
            while line.num_waiting:
                yield line.take(self._chunk_samples)


def audio_chunks(
    path: Path,
    *,
    chunk_seconds: float = DEFAULT_CHUNK_SECONDS,
    sample_rate_hertz: int = DEFAULT_SAMPLE_RATE_HERTZ,
) -> Iterator[tuple[float, NDArray[np.float32]]]:
    """Yield the sound piece by piece, as ``AudioReader`` does, which also says where it ended.

    Raises:
        MediaError: The file is missing, unreadable or no video.
        ValueError: ``chunk_seconds`` or ``sample_rate_hertz`` is not positive.
    """
    yield from AudioReader(path, chunk_seconds=chunk_seconds, sample_rate_hertz=sample_rate_hertz)


def read_audio(
    path: Path, *, sample_rate_hertz: int = DEFAULT_SAMPLE_RATE_HERTZ
) -> AudioTrack | None:
    """Read the whole sound at once (230 MB an hour at 16 kHz); ``None`` for a video without sound.

    Raises:
        MediaError: The file is missing, unreadable or no video.
    """
    chunks = list(audio_chunks(path, sample_rate_hertz=sample_rate_hertz))
    if not chunks:
        return None
    return AudioTrack(
        np.concatenate([samples for _, samples in chunks]), sample_rate_hertz, chunks[0][0]
    )
