"""Composed films as files: written once, outside the tree, each with its truth beside it."""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from benchmarks.shots import composing, material, treatments
from benchmarks.shots.composing import FILM_LOOKS, TrueCut, compose, plan
from benchmarks.shots.material import HALVES, RATE, load_pictures, stretches_of

# Two in six are the work of an encoder that spares no key frames and shows it.
CODECS = ("libx264", "libx264", "libx264", "mpeg4", "libx264", "mpeg4")
CODEC_OPTIONS = {
    "libx264": {"crf": "26", "preset": "veryfast", "g": "250"},
    "mpeg4": {"qmin": "5", "qmax": "9", "g": "12"},
}


@dataclass(frozen=True, slots=True)
class ComposedFilm:
    """One film and what is true of it."""

    path: Path
    truth: tuple[TrueCut, ...]
    seconds: float


def composed_films(footage: Path, half: str, cache: Path | None = None) -> list[ComposedFilm]:
    """Return the films of a half, composing those that are not there yet.

    Args:
        footage: Folder of the real footage.
        half: One of ``HALVES``.
        cache: Where to keep them; by default among the user's caches.
    """
    folder = (cache or default_cache()) / _recipe() / half
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number}.mp4" for number in range(len(FILM_LOOKS))]
    if not all(path.with_suffix(".json").exists() for path in paths):
        _write_films(footage, half, paths)
    return [_read(path) for path in paths]


def default_cache() -> Path:
    """Say where composed films are kept."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "cinedex-bench" / "shots"


def _recipe() -> str:
    """Name everything that shapes the films: the code that composes them and the stretches."""
    files = [material.__file__, treatments.__file__, composing.__file__, __file__]
    digest = hashlib.sha256(material.STRETCHES_FILE.read_bytes())
    for file in files:
        digest.update(Path(file).read_bytes())
    return digest.hexdigest()[:12]


def _write_films(footage: Path, half: str, paths: list[Path]) -> None:
    stretches = stretches_of(half)
    pictures = load_pictures(footage, stretches)
    for number, path in enumerate(paths):
        pieces = plan(HALVES.index(half), number, stretches)
        film, truth = compose(pieces, FILM_LOOKS[number], pictures)
        _encode(path, film, CODECS[number])
        facts = {
            "seconds": len(film) / RATE,
            "cuts": [asdict(cut) for cut in truth],
            "shots": [
                {"stem": piece.stretch.stem, "treatment": piece.treatment} for piece in pieces
            ],
        }
        path.with_suffix(".json").write_text(json.dumps(facts, indent=1) + "\n", "utf-8")


def _encode(path: Path, film: list[NDArray[np.uint8]], codec: str) -> None:
    with av.open(path, "w") as container:
        stream = container.add_stream(codec, rate=RATE, options=CODEC_OPTIONS[codec])
        stream.width, stream.height = film[0].shape[1], film[0].shape[0]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = 1
        for index, picture in enumerate(film):
            frame = VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _read(path: Path) -> ComposedFilm:
    facts = json.loads(path.with_suffix(".json").read_text("utf-8"))
    return ComposedFilm(path, tuple(TrueCut(**cut) for cut in facts["cuts"]), facts["seconds"])


def small_pictures(path: Path, side_pixels: int) -> Iterator[tuple[NDArray[np.uint8], float]]:
    """Yield every frame as detectors get it: scaled down, with its presentation time."""
    from indexer.media.frames import decode_frames

    for frame in decode_frames(path):
        yield frame.picture(side_pixels), frame.pts_seconds
