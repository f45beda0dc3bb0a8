"""The sound of a video as one channel of floats, on the same clock as its frames."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from indexer.media.container import OpenMedia, named_errors, open_media
from indexer.media.packets import PacketDecoder

DEFAULT_SAMPLE_RATE_HERTZ = 16_000
DEFAULT_CHUNK_SECONDS = 30.0
# Otherwise two equal channels become one that is 3 dB louder, and clips.
_MIX_WITHOUT_OVERLOAD = {"rematrix_maxval": "1.0"}
# Timestamps are rounded (to 1 ms in Matroska) and jitter; what differs by less than this is the
# same instant.
_JITTER_SECONDS = 0.05
# Sound that claims to have been heard so long ago, or to come so far past the end, has a broken
# timestamp.
_MAX_OVERLAP_SECONDS = 1.0
_MAX_OVERSHOOT_SECONDS = 10.0


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


def audio_chunks(
    path: Path,
    *,
    chunk_seconds: float = DEFAULT_CHUNK_SECONDS,
    sample_rate_hertz: int = DEFAULT_SAMPLE_RATE_HERTZ,
) -> Iterator[tuple[float, NDArray[np.float32]]]:
    """Yield the sound piece by piece; the pieces joined are the whole, without gap or overlap.

    Silence stands where the timestamps leave a gap. Memory does not grow with the length of the
    video.

    Args:
        path: The video.
        chunk_seconds: Length of every piece but the last.
        sample_rate_hertz: Samples a second in the result, whatever the file has.

    Yields:
        Presentation time of the first sample, and ``(T,)`` float32 mono samples in ``[-1, 1]``.
        Nothing for a video without sound.

    Raises:
        MediaError: The file is missing, unreadable or no video.
        ValueError: ``chunk_seconds`` or ``sample_rate_hertz`` is not positive.
    """
    if chunk_seconds <= 0 or sample_rate_hertz <= 0:
        raise ValueError(
            f"chunk and rate must be positive, got {chunk_seconds} s, {sample_rate_hertz} Hz"
        )
    with open_media(path) as media, named_errors(path):
        if media.audio is None:
            return
        line = _SampleLine(media, sample_rate_hertz)
        size = max(1, round(chunk_seconds * sample_rate_hertz))
        for frame in PacketDecoder(media.container).audio_frames(media.audio):
            line.push(frame)
            while line.num_waiting >= size:
                yield line.take(size)
        line.finish()
        while line.num_waiting:
            yield line.take(size)


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


class _SampleLine:
    """Lays decoded sound end to end on the video's clock."""

    def __init__(self, media: OpenMedia, sample_rate_hertz: int) -> None:
        self._origin_seconds = media.origin_seconds
        self._stated_end_seconds = media.stated_duration_seconds or float("inf")
        self._rate = sample_rate_hertz
        self._resampler: AudioResampler | None = None
        self._shape: tuple[str, str, int] | None = None
        self._waiting: deque[NDArray[np.float32]] = deque()
        self._num_laid = 0
        self._num_taken = 0
        self._num_to_drop = 0
        self._start_seconds: Fraction | None = None
        # Where the sound pushed so far ends, by counting what went in.
        self._in_seconds = Fraction(0)

    @property
    def num_waiting(self) -> int:
        """Samples ready to be taken."""
        return self._num_laid - self._num_taken

    def push(self, frame: AudioFrame) -> None:
        """Add the next decoded frame at its place."""
        self._align(frame)
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if shape != self._shape:
            self.finish()
            self._shape = shape
        if self._resampler is None:
            self._resampler = AudioResampler(
                format="flt", layout="mono", rate=self._rate, options=_MIX_WITHOUT_OVERLOAD
            )
        frame.pts = None
        for resampled in self._resampler.resample(frame):
            self._lay(_samples(resampled))
        self._in_seconds += Fraction(frame.samples, frame.sample_rate)

    def finish(self) -> None:
        """Add what the resampler still holds."""
        if self._resampler is not None:
            for resampled in self._resampler.resample(None):
                self._lay(_samples(resampled))
        self._resampler = None

    def take(self, num_samples: int) -> tuple[float, NDArray[np.float32]]:
        """Remove up to ``num_samples`` from the front, with the time of the first of them."""
        start_seconds = float(self._start_seconds or 0) + self._num_taken / self._rate
        pieces: list[NDArray[np.float32]] = []
        num_missing = min(num_samples, self.num_waiting)
        self._num_taken += num_missing
        while num_missing:
            piece = self._waiting.popleft()
            if len(piece) > num_missing:
                self._waiting.appendleft(piece[num_missing:])
            pieces.append(piece[:num_missing])
            num_missing -= len(pieces[-1])
        return start_seconds, np.clip(np.concatenate(pieces), -1.0, 1.0)

    def _align(self, frame: AudioFrame) -> None:
        if frame.pts is None or frame.time_base is None:
            stated_seconds = self._in_seconds
        else:
            stated_seconds = frame.pts * frame.time_base - self._origin_seconds
        if self._start_seconds is None:
            self._in_seconds = stated_seconds
            self._start_seconds = max(Fraction(0), stated_seconds)
            self._num_to_drop = max(0, round(-stated_seconds * self._rate))
        elif self._is_displaced(stated_seconds):
            self.finish()
            self._in_seconds = stated_seconds
            num_ahead = round((stated_seconds - self._start_seconds) * self._rate) - self._num_laid
            # np.zeros takes no memory until it is read, however long the silence.
            self._lay(np.zeros(max(0, num_ahead), dtype=np.float32))
            self._num_to_drop = max(0, -num_ahead)

    def _is_displaced(self, stated_seconds: Fraction) -> bool:
        ahead_seconds = float(stated_seconds - self._in_seconds)
        overshoot_seconds = float(stated_seconds) - self._stated_end_seconds
        return (
            abs(ahead_seconds) > _JITTER_SECONDS
            and ahead_seconds >= -_MAX_OVERLAP_SECONDS
            and overshoot_seconds <= _MAX_OVERSHOOT_SECONDS
        )

    def _lay(self, samples: NDArray[np.float32]) -> None:
        num_dropped = min(self._num_to_drop, len(samples))
        self._num_to_drop -= num_dropped
        if num_dropped < len(samples):
            self._waiting.append(samples[num_dropped:])
            self._num_laid += len(samples) - num_dropped


def _samples(frame: AudioFrame) -> NDArray[np.float32]:
    return np.asarray(frame.to_ndarray(), dtype=np.float32).reshape(-1)
