"""Small pictures of clips, for lists and walls."""

import io
import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.media import RandomAccessFrames
from store.errors import MediaError
from store.records import Clip

SIDE_PIXELS = 320
QUALITY = 75
PICTURES_AT_ONCE = 32


def thumbnail(picture: NDArray[np.uint8]) -> bytes:
    """Encode a small JPEG of an ``(H, W, 3)`` RGB picture."""
    from PIL import Image

    image = Image.fromarray(picture)
    image.thumbnail((SIDE_PIXELS, SIDE_PIXELS))
    packed = io.BytesIO()
    image.save(packed, "JPEG", quality=QUALITY)
    return packed.getvalue()


def nearest_thumbnails(
    taken: Iterable[tuple[float, bytes]], clips: Sequence[Clip]
) -> tuple[tuple[int, bytes], ...]:
    """Choose for every clip the picture nearest to its middle, one of its own where it has one.

    Args:
        taken: Instants and JPEG bytes, in time order; read once, and only those chosen are held.
        clips: In time order.

    Returns:
        ``(clip ordinal, JPEG bytes)``; empty where nothing was taken.
    """
    starts = [clip.span.start_seconds for clip in clips]
    chosen: list[bytes | None] = [None] * len(clips)
    distances = [math.inf] * len(clips)
    latest: bytes | None = None
    reached = -1
    for at, packed in taken:
        place = max(0, bisect_right(starts, at) - 1)
        # A static shot has one picture, taken before the clip began.
        chosen[reached + 1 : place] = [latest or packed] * (place - reached - 1)
        distance = abs(at - clips[place].span.middle_seconds)
        if distance < distances[place]:
            chosen[place], distances[place] = packed, distance
        latest, reached = packed, max(reached, place)
    chosen[reached + 1 :] = [latest] * (len(clips) - reached - 1)
    return tuple(
        (clip.ordinal, packed)
        for clip, packed in zip(clips, chosen, strict=True)
        if packed is not None
    )


def thumbnails_from(path: Path, clips: Sequence[Clip]) -> tuple[tuple[int, bytes], ...]:
    """Take the pictures at the middles of clips out of a video, for clips that were cut anew.

    Returns:
        As ``nearest_thumbnails``; empty where the video cannot be read.
    """
    source = RandomAccessFrames(SIDE_PIXELS)
    made: list[tuple[int, bytes]] = []
    try:
        for first in range(0, len(clips), PICTURES_AT_ONCE):
            some = clips[first : first + PICTURES_AT_ONCE]
            pictures = source.frames_at(path, [clip.span.middle_seconds for clip in some])
            made += [
                (clip.ordinal, thumbnail(picture))
                for clip, picture in zip(some, pictures, strict=True)
            ]
    except MediaError:
        return ()
    return tuple(made)
