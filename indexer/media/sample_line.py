"""Laying decoded sound end to end on the video's clock, as samples of one channel."""

from collections import deque
from fractions import Fraction

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from indexer.media.container import OpenMedia

# Otherwise two equal channels become one that is 3 dB louder, and clips.
_MIX_WITHOUT_OVERLOAD = {"rematrix_maxval": "1.0"}
# Timestamps are rounded (to 1 ms in Matroska) and jitter; what differs by less than this is the
# same instant,
_JITTER_SECONDS = 0.05
# unless it goes on to differ: so much, on average over so many frames, is a clock of its own.
_MAX_DRIFT_SECONDS = 0.01
_DRIFT_FRAMES = 16
# Sound that claims to have been heard so long ago, or to come so far past the end, has a broken
# timestamp.
_MAX_OVERLAP_SECONDS = 1.0
_MAX_OVERSHOOT_SECONDS = 10.0
# Shown as often as needed, however long: it takes no memory until it is taken.
_SILENCE = np.zeros(1, dtype=np.float32)


class SampleLine:
    """Takes decoded frames in order; gives samples, without gap or overlap.

    Silence stands where the timestamps leave a gap, and sound that would be heard twice is left
    out.

    Args:
        media: Of which the sound is.
        sample_rate_hertz: Of the result.
    """

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
        self._drift_seconds = 0.0

    @property
    def end_seconds(self) -> float:
        """Presentation time just after the last sample laid so far."""
        return float(self._start_seconds or 0) + self._num_laid / self._rate

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
            self._drift_seconds = 0.0
            num_ahead = round((stated_seconds - self._start_seconds) * self._rate) - self._num_laid
            self._lay(np.broadcast_to(_SILENCE, max(0, num_ahead)))
            self._num_to_drop = max(0, -num_ahead)

    def _is_displaced(self, stated_seconds: Fraction) -> bool:
        ahead_seconds = float(stated_seconds - self._in_seconds)
        limit_seconds = max(self._stated_end_seconds, float(self._in_seconds))
        if (
            ahead_seconds < -_MAX_OVERLAP_SECONDS
            or stated_seconds > limit_seconds + _MAX_OVERSHOOT_SECONDS
        ):
            return False
        self._drift_seconds += (ahead_seconds - self._drift_seconds) / _DRIFT_FRAMES
        return abs(ahead_seconds) > _JITTER_SECONDS or abs(self._drift_seconds) > _MAX_DRIFT_SECONDS

    def _lay(self, samples: NDArray[np.float32]) -> None:
        num_dropped = min(self._num_to_drop, len(samples))
        self._num_to_drop -= num_dropped
        if num_dropped < len(samples):
            self._waiting.append(samples[num_dropped:])
            self._num_laid += len(samples) - num_dropped


def _samples(frame: AudioFrame) -> NDArray[np.float32]:
    return np.asarray(frame.to_ndarray(), dtype=np.float32).reshape(-1)
