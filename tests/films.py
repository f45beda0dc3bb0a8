"""Builds small and odd films, in which every frame carries its number."""

import struct
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.stream import Disposition
from numpy.typing import NDArray

NUM_BITS = 10
WIDTH_PIXELS, HEIGHT_PIXELS = 160, 96
TONE_HERTZ = 440
SOUND_RATE_HERTZ = 48_000
# The lower half of frame i is painted in colour i % 3.
COLOURS = ((200, 30, 30), (30, 160, 30), (30, 30, 200))
_SOUND_FRAME_SAMPLES = 1024
_VIDEO_TICKS = 90_000


def numbered_picture(
    number: int, width: int = WIDTH_PIXELS, height: int = HEIGHT_PIXELS
) -> NDArray[np.uint8]:
    """Paint ``(H, W, 3)``: above the number's bits, lowest on the left; below a colour."""
    picture = np.zeros((height, width, 3), dtype=np.uint8)
    bar_of_column = np.arange(width) * NUM_BITS // width
    picture[: height // 2] = ((number >> bar_of_column & 1) * 255)[None, :, None]
    picture[height // 2 :] = COLOURS[number % len(COLOURS)]
    return picture


def number_in(picture: NDArray[np.uint8]) -> int:
    """Read the number back from a picture of any size."""
    height, width = picture.shape[:2]
    bars = picture[: height // 3].mean(axis=(0, 2))
    columns = ((np.arange(NUM_BITS) + 0.5) * width / NUM_BITS).astype(int)
    return int(((bars[columns] > 127) << np.arange(NUM_BITS)).sum())


def write_film(
    path: Path,
    *,
    num_frames: int = 50,
    rate: Fraction = Fraction(25),
    frame_times: Sequence[float] | None = None,
    size: tuple[int, int] = (WIDTH_PIXELS, HEIGHT_PIXELS),
    sound_seconds: float | None = None,
    sound_starts: float = 0.0,
    sound_gap: tuple[float, float] | None = None,
    language: str | None = None,
    timecode: str | None = None,
    format: str | None = None,
    codec: str = "libx264",
    gop: int = 12,
    b_frames: int = 2,
    options: dict[str, str] | None = None,
) -> Path:
    """Write numbered frames at ``rate`` or at ``frame_times`` (seconds), with a tone or without.

    ``num_frames=0`` writes sound only; ``sound_gap`` leaves out the tone from one time to another.
    """
    times = frame_times or [float(number / rate) for number in range(num_frames)]
    ticks = 1 / rate if frame_times is None else Fraction(1, _VIDEO_TICKS)
    with av.open(str(path), "w", format=format, options=options or {}) as container:
        if timecode:
            container.metadata["timecode"] = timecode
        video = None
        if times:
            video = _add_video(container, codec, rate, size)
            video.gop_size = gop
            video.codec_context.max_b_frames = b_frames
            video.codec_context.time_base = ticks
        sound = _add_sound(container, language) if sound_seconds else None
        _write_frames(container, video, times, ticks)
        if sound is not None:
            _write_tone(container, sound, sound_seconds, sound_starts, sound_gap)
    return path


def _add_video(container, codec, rate, size):
    video = container.add_stream(codec, rate=rate)
    video.width, video.height = size
    video.pix_fmt = "yuv420p"
    if codec == "libx264":
        video.options = {"preset": "veryfast", "crf": "16"}
    return video


def _add_sound(container, language):
    sound = container.add_stream("aac", rate=SOUND_RATE_HERTZ, layout="mono")
    if language:
        sound.metadata["language"] = language
    return sound


def _write_frames(container, video, times, ticks):
    for number, seconds in enumerate(times):
        picture = numbered_picture(number, video.width, video.height)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts = round(seconds / ticks)
        frame.time_base = ticks
        container.mux(video.encode(frame))
    if video is not None:
        container.mux(video.encode(None))


def _write_tone(container, sound, seconds, starts, gap):
    for first in range(0, round(seconds * SOUND_RATE_HERTZ), _SOUND_FRAME_SAMPLES):
        here = first / SOUND_RATE_HERTZ + starts
        if gap and gap[0] <= here < gap[1]:
            continue
        frame = av.AudioFrame.from_ndarray(tone(first)[None, :], format="fltp", layout="mono")
        frame.sample_rate = SOUND_RATE_HERTZ
        frame.pts = first + round(starts * SOUND_RATE_HERTZ)
        frame.time_base = Fraction(1, SOUND_RATE_HERTZ)
        container.mux(sound.encode(frame))
    container.mux(sound.encode(None))


def tone(first_sample: int, num_samples: int = _SOUND_FRAME_SAMPLES) -> NDArray[np.float32]:
    """``(T,)`` samples of the tone, half full scale."""
    samples = np.arange(first_sample, first_sample + num_samples)
    return (0.5 * np.sin(2 * np.pi * TONE_HERTZ * samples / SOUND_RATE_HERTZ)).astype(np.float32)


def write_rotated_film(path: Path, clockwise_degrees: int = 90, **recipe) -> Path:
    """Write an MP4 that must be turned for display; as phones do, the track header says so."""
    write_film(path, **recipe)
    content = bytearray(path.read_bytes())
    cosine, sine = {90: (0, 1), 180: (-1, 0), 270: (0, -1)}[clockwise_degrees]
    one = 1 << 16
    matrix = (cosine * one, sine * one, 0, -sine * one, cosine * one, 0, 0, 0, 1 << 30)
    header = content.index(b"tkhd")
    assert content[header + 4] == 0, "the offsets below are those of version 0"
    struct.pack_into(">9i", content, header + 44, *matrix)
    path.write_bytes(content)
    return path


def write_truncated_film(
    path: Path, share: float = 0.5, *, index_first: bool = True, **recipe
) -> Path:
    """Write an MP4 and cut it off; with the index (moov) in front what is left can be read."""
    options = {"movflags": "faststart"} if index_first else {}
    content = write_film(path, num_frames=200, options=options, **recipe).read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


def write_damaged_film(path: Path, *, seed: int = 0) -> Path:
    """Write a film and overwrite stretches in the middle with noise."""
    content = bytearray(write_film(path, num_frames=200).read_bytes())
    noise = np.random.default_rng(seed)
    for share in (0.4, 0.5, 0.6):
        start = int(len(content) * share)
        content[start : start + 600] = noise.bytes(600)
    path.write_bytes(content)
    return path


def write_song_with_cover(path: Path, seconds: float = 1.0) -> Path:
    """Write sound with a picture attached to it, which is not a film."""
    with av.open(str(path), "w", format="mp4") as container:
        sound = container.add_stream("aac", rate=SOUND_RATE_HERTZ, layout="mono")
        cover = container.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = WIDTH_PIXELS, HEIGHT_PIXELS, "yuvj420p"
        cover.disposition = Disposition.attached_pic
        picture = av.VideoFrame.from_ndarray(numbered_picture(1), format="rgb24")
        container.mux(cover.encode(picture))
        container.mux(cover.encode(None))
        _write_tone(container, sound, seconds, 0.0, None)
    return path


def write_joined_film(path: Path) -> Path:
    """Write two films end to end: the clock starts again and the size changes."""
    first, second = path.with_suffix(".1.ts"), path.with_suffix(".2.ts")
    write_film(first, num_frames=25, codec="mpeg2video")
    write_film(
        second, num_frames=25, codec="mpeg2video", size=(WIDTH_PIXELS * 2, HEIGHT_PIXELS * 2)
    )
    path.write_bytes(first.read_bytes() + second.read_bytes())
    first.unlink()
    second.unlink()
    return path
