"""Stretches of real footage without a cut of their own: what the films are composed from.

``stretches.json`` lists them, by hand and eye. A film's own cuts are where TransNetV2 found one;
where another detector (PySceneDetect's four, or ours, or TransNetV2 below its threshold) disagreed
with it, the pictures around were looked at and decided. A stretch keeps 0.3 seconds off every cut.
Every file belongs to one half, and that was settled before anything was measured: thresholds are
tuned on ``development``, and ``held-out`` is what is reported.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from indexer.media.frames import decode_frames

RATE = 25
WIDTH_PIXELS, HEIGHT_PIXELS = 256, 144
STRETCHES_FILE = Path(__file__).parent / "stretches.json"
HALVES = ("development", "held-out")

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of a footage file that shows one shot.

    Attributes:
        stem: Of the file's name.
        is_of_film: Whether the file has several shots, among which a film might cut back and forth.
    """

    stem: str
    start_seconds: float
    end_seconds: float
    is_of_film: bool

    @property
    def num_frames(self) -> int:
        """At the common rate."""
        return int((self.end_seconds - self.start_seconds) * RATE)


def stretches_of(half: str) -> list[Stretch]:
    """List the stretches of one half."""
    files = json.loads(STRETCHES_FILE.read_text("utf-8"))
    return [
        Stretch(file["stem"], start, end, len(file["stretches"]) > 1 and file["is_film"])
        for file in files
        if file["half"] == half
        for start, end in file["stretches"]
    ]


def load_pictures(footage: Path, stretches: list[Stretch]) -> dict[Stretch, NDArray[np.uint8]]:
    """Decode stretches at the common rate and size: ``(N, 144, 256, 3)`` RGB each."""
    loaded = {}
    for stem in sorted({stretch.stem for stretch in stretches}):
        (path,) = [path for path in footage.glob(f"{stem}.*") if path.suffix != ".vtt"]
        wanted = [stretch for stretch in stretches if stretch.stem == stem]
        kept: dict[Stretch, list[Picture]] = {stretch: [] for stretch in wanted}
        for seconds, picture in _at_rate(path, max(stretch.end_seconds for stretch in wanted)):
            for stretch in wanted:
                if stretch.start_seconds <= seconds and len(kept[stretch]) < stretch.num_frames:
                    kept[stretch].append(picture)
        loaded |= {stretch: np.stack(pictures) for stretch, pictures in kept.items()}
    return loaded


def _at_rate(path: Path, end_seconds: float) -> Iterator[tuple[float, Picture]]:
    """Yield what is on screen at every tick of the common rate."""
    tick = 0
    for frame in decode_frames(path):
        if frame.pts_seconds > end_seconds:
            return
        picture = None
        while tick / RATE <= frame.pts_seconds:
            picture = _cover(frame.picture(2 * WIDTH_PIXELS)) if picture is None else picture
            yield tick / RATE, picture
            tick += 1


def _cover(picture: Picture) -> Picture:
    """Scale a picture until it covers the common size, and cut off what overlaps."""
    height, width = picture.shape[:2]
    scale = max(WIDTH_PIXELS / width, HEIGHT_PIXELS / height)
    wide, high = round(width * scale), round(height * scale)
    scaled = cv2.resize(picture, (wide, high), interpolation=cv2.INTER_AREA)
    left, top = (wide - WIDTH_PIXELS) // 2, (high - HEIGHT_PIXELS) // 2
    return np.ascontiguousarray(
        scaled[top : top + HEIGHT_PIXELS, left : left + WIDTH_PIXELS], dtype=np.uint8
    )
