"""H.264 and AAC in an mp4 file, by PyAV."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from rendering.narration import SAMPLES_PER_SECOND
from rendering.screenplay import Screenplay

CONSTANT_RATE_FACTOR = 26
KEYFRAME_INTERVAL_FRAMES = 50
AUDIO_BITS_PER_SECOND = 64_000
# x264 writes other bytes with another number of threads; fixed so that a rendering repeats.
NUM_THREADS = 2


def encode(
    path: Path,
    screenplay: Screenplay,
    frames: Iterable[Image.Image],
    audio: NDArray[np.float32],
    preset: str = "medium",
) -> None:
    """Write a film.

    Args:
        path: The mp4 file to write; an old one is replaced.
        screenplay: Size, rate and title.
        frames: Every picture, in order.
        audio: ``(T,)`` float32 mono, as long as the pictures.
        preset: Of x264: how long it may take.
    """
    rate = screenplay.frames_per_second
    per_frame = SAMPLES_PER_SECOND // rate
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        container.metadata["title"] = screenplay.title
        video_stream = container.add_stream("libx264", rate=rate)
        video_stream.width = screenplay.width_pixels
        video_stream.height = screenplay.height_pixels
        video_stream.pix_fmt = "yuv420p"
        video_stream.codec_context.thread_count = NUM_THREADS
        video_stream.options = {
            "crf": str(CONSTANT_RATE_FACTOR),
            "preset": preset,
            "g": str(KEYFRAME_INTERVAL_FRAMES),
        }
        audio_stream = container.add_stream("aac", rate=SAMPLES_PER_SECOND, layout="mono")
        audio_stream.bit_rate = AUDIO_BITS_PER_SECOND
        for number, image in enumerate(frames):
            video_frame = av.VideoFrame.from_ndarray(np.asarray(image), format="rgb24")
            video_frame.pts = number
            video_frame.time_base = Fraction(1, rate)
            container.mux(video_stream.encode(video_frame))
            start = number * per_frame
            audio_frame = _audio_frame(audio[start : start + per_frame], start)
            container.mux(audio_stream.encode(audio_frame))
        container.mux(video_stream.encode(None))
        container.mux(audio_stream.encode(None))


def _audio_frame(samples: NDArray[np.float32], start_sample: int) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(samples[np.newaxis, :], format="fltp", layout="mono")
    frame.sample_rate = SAMPLES_PER_SECOND
    frame.pts = start_sample
    frame.time_base = Fraction(1, SAMPLES_PER_SECOND)
    return frame
