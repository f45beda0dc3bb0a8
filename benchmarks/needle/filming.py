"""Makes the picture and sound of a planned film, one shot after another."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rendering.encoder import encode
from rendering.frames import film_frames
from rendering.narration import SAMPLES_PER_SECOND
from rendering.timeline import mix_audio

from benchmarks.needle.footage import FootageShot
from benchmarks.needle.layout import FRAMES_PER_SECOND, spoken_times, timeline_of
from benchmarks.needle.plan import FilmPlan
from benchmarks.needle.rendered import sample_screenplay
from indexer.media import audio_chunks, decode_frames

PRESET = "superfast"
SAMPLES_PER_FRAME = SAMPLES_PER_SECOND // FRAMES_PER_SECOND


def render(film: FilmPlan, footage: Path, path: Path) -> None:
    """Write a film; the same plan gives the same bytes with the same encoder.

    Args:
        film: The plan.
        footage: Folder of the real footage.
        path: Of the mp4 file; an old one is replaced.

    Raises:
        MissingToolError: espeak-ng or scikit-image is not installed.
    """
    beside = path.with_suffix(".part.mp4")
    screenplay = replace(sample_screenplay(), title=path.stem, shots=())
    encode(beside, screenplay, _frames(film, footage), _sound(film, footage), PRESET)
    beside.replace(path)


def _frames(film: FilmPlan, footage: Path) -> Iterator[Image.Image]:
    for shot in film.shots:
        if isinstance(shot, FootageShot):
            yield from footage_frames(shot, footage)
        else:
            yield from film_frames(timeline_of(shot))


def footage_frames(shot: FootageShot, footage: Path) -> Iterator[Image.Image]:
    """Yield what is on screen at every tick of our rate; the last frame stays where a file ends."""
    num_frames = spoken_times(shot).num_frames
    screen = sample_screenplay()
    made = 0
    shown: Image.Image | None = None
    for frame in decode_frames(footage / shot.file):
        # A frame stays on screen until the next one comes.
        elapsed_frames = (frame.pts_seconds - shot.start_seconds) * FRAMES_PER_SECOND
        while shown is not None and made < min(num_frames, elapsed_frames):
            yield shown
            made += 1
        if made == num_frames:
            return
        if elapsed_frames > -FRAMES_PER_SECOND:
            picture = frame.picture(screen.width_pixels)
            shown = fitted(picture, screen.width_pixels, screen.height_pixels)
    if shown is None:
        raise ValueError(f"{shot.file} ends before {shot.start_seconds} s; mark it anew")
    for _ in range(made, num_frames):
        yield shown


def fitted(picture: NDArray[np.uint8], width_pixels: int, height_pixels: int) -> Image.Image:
    """Scale a picture to fit the screen, black beside or above it.

    Args:
        picture: ``(H, W, 3)`` RGB.
        width_pixels: Of the screen.
        height_pixels: Of the screen.
    """
    height, width = picture.shape[:2]
    scale = min(width_pixels / width, height_pixels / height)
    size = (round(width * scale), round(height * scale))
    screen = Image.new("RGB", (width_pixels, height_pixels))
    scaled = Image.fromarray(picture).resize(size, Image.Resampling.BILINEAR)
    screen.paste(scaled, ((width_pixels - size[0]) // 2, (height_pixels - size[1]) // 2))
    return screen


def _sound(film: FilmPlan, footage: Path) -> NDArray[np.float32]:
    """Join the sound of all shots: ``(T,)`` float32, as long as the pictures."""
    return np.concatenate(
        [
            footage_sound(shot, footage)
            if isinstance(shot, FootageShot)
            else mix_audio(timeline_of(shot))
            for shot in film.shots
        ]
    )


def footage_sound(shot: FootageShot, footage: Path) -> NDArray[np.float32]:
    """Cut the sound of a shot out: ``(T,)`` float32, silent where the file has none."""
    samples = np.zeros(spoken_times(shot).num_frames * SAMPLES_PER_FRAME, dtype=np.float32)
    chunks = audio_chunks(footage / shot.file, sample_rate_hertz=SAMPLES_PER_SECOND)
    for start_seconds, chunk in chunks:
        first = round((start_seconds - shot.start_seconds) * SAMPLES_PER_SECOND)
        if first >= len(samples):
            break
        heard = chunk[max(0, -first) :][: len(samples) - max(0, first)]
        samples[max(0, first) : max(0, first) + len(heard)] = heard
    return samples
