"""Builds short films whose pictures carry their number and whose sound beeps at known instants.

With both, a test compares what is seen and heard with the seconds that are reported for it.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from tests.films import numbered_picture

SIZE_PIXELS = (160, 96)
SOUND_RATE_HERTZ = 48_000
_BEEP_HERTZ, _BEEP_SECONDS = 1_000, 0.02
_SOUND_FRAME_SAMPLES = 1_024
# Of the loudest energy; coding noise and the filter's edges stay below.
_AUDIBLE_SHARE = 0.02


def even_times(num_frames: int, rate: Fraction = Fraction(25)) -> list[Fraction]:
    """Presentation times of frames at a constant rate, in seconds."""
    return [number / rate for number in range(num_frames)]


def write_marked_film(
    path: Path,
    frame_times: Sequence[Fraction],
    *,
    beeps: Sequence[float] = (),
    sound_span: tuple[float, float] | None = None,
    moved_seconds: Fraction = Fraction(0),
    rate: Fraction = Fraction(25),
    tick: Fraction | None = None,
    codec: str = "libx264",
    sound_codec: str = "aac",
    gop: int = 12,
    b_frames: int = 2,
    codec_options: dict[str, str] | None = None,
    options: dict[str, str] | None = None,
    timecode: str | None = None,
    sound_clock_runs: Fraction = Fraction(1),
) -> Path:
    """Write frame ``i`` at ``frame_times[i]`` and a beep centred on each of ``beeps``.

    Args:
        sound_span: When the sound begins and ends; ``None`` for no sound.
        moved_seconds: Added to all timestamps.
        tick: Of the picture's clock; by default one frame.
        sound_clock_runs: Sound that is ``s`` seconds in is stamped ``s`` times this.
    """
    with av.open(str(path), "w", options=options or {}) as container:
        if timecode:
            container.metadata["timecode"] = timecode
        video = container.add_stream(codec, rate=rate)
        video.width, video.height = SIZE_PIXELS
        video.pix_fmt = "yuv420p"
        video.gop_size, video.codec_context.max_b_frames = gop, b_frames
        video.codec_context.time_base = tick or 1 / rate
        if codec == "libx264":
            video.options = {"preset": "veryfast", "crf": "16", **(codec_options or {})}
        packets = []
        sound = None
        if sound_span is not None:
            sound = container.add_stream(sound_codec, rate=SOUND_RATE_HERTZ, layout="mono")
        for frame in _pictures([at + moved_seconds for at in frame_times], tick or 1 / rate):
            packets += video.encode(frame)
        packets += video.encode(None)
        if sound is not None:
            for frame in _sounds(sound_span, beeps, moved_seconds, sound_clock_runs):
                frame_format = sound.codec_context.format.name
                for resampled in _as_format(frame, frame_format):
                    packets += sound.encode(resampled)
            packets += sound.encode(None)
        container.mux(sorted(packets, key=lambda packet: packet.dts * packet.time_base))
    return path


def _pictures(times: Sequence[Fraction], tick: Fraction) -> Iterator[av.VideoFrame]:
    for number, seconds in enumerate(times):
        frame = av.VideoFrame.from_ndarray(numbered_picture(number, *SIZE_PIXELS), format="rgb24")
        frame.pts, frame.time_base = round(seconds / tick), tick
        yield frame


def _sounds(
    span: tuple[float, float], beeps: Sequence[float], moved: Fraction, runs: Fraction
) -> Iterator[av.AudioFrame]:
    first, last = (round(seconds * SOUND_RATE_HERTZ) for seconds in span)
    samples = beeping(first, last, beeps)
    for position in range(0, len(samples), _SOUND_FRAME_SAMPLES):
        piece = samples[position : position + _SOUND_FRAME_SAMPLES]
        frame = av.AudioFrame.from_ndarray(piece[None, :], format="fltp", layout="mono")
        frame.sample_rate = SOUND_RATE_HERTZ
        frame.pts = round((first + position) * runs + moved * SOUND_RATE_HERTZ)
        frame.time_base = Fraction(1, SOUND_RATE_HERTZ)
        yield frame


def _as_format(frame: av.AudioFrame, name: str) -> list[av.AudioFrame]:
    if name == "fltp":
        return [frame]
    resampler = av.AudioResampler(format=name, layout="mono", rate=SOUND_RATE_HERTZ)
    return [*resampler.resample(frame), *resampler.resample(None)]


def beeping(first_sample: int, end_sample: int, beeps: Sequence[float]) -> NDArray[np.float32]:
    """``(T,)`` samples with a short swell of tone centred on each of ``beeps`` (seconds)."""
    seconds = np.arange(first_sample, end_sample) / SOUND_RATE_HERTZ
    samples = np.zeros(len(seconds), dtype=np.float32)
    for beep in beeps:
        near = np.abs(seconds - beep) < _BEEP_SECONDS / 2
        away = seconds[near] - beep
        swell = np.cos(np.pi * away / _BEEP_SECONDS) ** 2
        samples[near] = 0.8 * swell * np.cos(2 * np.pi * _BEEP_HERTZ * away)
    return samples


def heard_beeps(start_seconds: float, samples: NDArray[np.float32], rate_hertz: int) -> list[float]:
    """Find the middle of every beep, in seconds."""
    if not len(samples):
        return []
    width = round(_BEEP_SECONDS * rate_hertz)
    energy = np.convolve(samples.astype(np.float64) ** 2, np.ones(width) / width, mode="same")
    loud = np.flatnonzero(energy > _AUDIBLE_SHARE * energy.max())
    groups = np.split(loud, np.flatnonzero(np.diff(loud) > width) + 1)
    return [
        start_seconds + float((group * energy[group]).sum() / energy[group].sum()) / rate_hertz
        for group in groups
    ]
