"""A film of thirty minutes, three moments that were found in it, and nothing else of a library.

The pictures are computed, at the size and with the motion of a film, so that decoding does not
count; a real file can take their place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reasoner.interfaces import FrameSource
from retriever.moment import Moment
from store.records import Clip, Evidence, Scope, Summary, Video
from store.timespan import TimeSpan

FILM_SECONDS = 1800.0
FRAME_RATE = 24
PATCH_PIXELS = 20
MOMENT_SECONDS = 14.0
"""About what a clip lasts; the chain adds 8 seconds on both sides."""
MOMENT_STARTS = (0.15, 0.46, 0.83)
"""As shares of the film; the made-up pictures repeat themselves every four minutes, and no two of
these moments show the same ones."""
SEED = 3


@dataclass(frozen=True, slots=True)
class Film:
    """A video and where its pictures come from."""

    video: Video
    frames: FrameSource


class MovingPictures:
    """A field of coloured patches that moves to the right and down, one pixel a frame.

    Args:
        patch_pixels: Side of a patch; the picture is 32 by 18 of them.
    """

    def __init__(self, patch_pixels: int = PATCH_PIXELS) -> None:
        patches = np.random.default_rng(SEED).integers(0, 256, (18, 32, 3), np.uint8)
        self._field = patches.repeat(patch_pixels, axis=0).repeat(patch_pixels, axis=1)

    def frames_at(self, path: Path, instants_seconds: Sequence[float]) -> NDArray[np.uint8]:
        """Return the pictures on screen; no file is read."""
        del path
        numbers = [int(instant * FRAME_RATE) for instant in instants_seconds]
        return np.stack([np.roll(self._field, (n, n), axis=(0, 1)) for n in numbers])


@dataclass(frozen=True, slots=True)
class OneFilm:
    """A library that holds one film of which nothing was written down."""

    video: Video

    def videos(self) -> list[Video]:
        """Return the film."""
        return [self.video]

    def evidence(self, video_id: str, within: TimeSpan | None = None) -> list[Evidence]:
        """Return nothing: the roles go by the pictures."""
        del video_id, within
        return []

    def summaries(self, video_id: str) -> list[Summary]:
        """Return none."""
        del video_id
        return []


@dataclass(frozen=True, slots=True)
class FoundMoments:
    """A retriever that finds the same moments whatever it is asked."""

    moments: tuple[Moment, ...]

    def search(self, query: str, k: int, scope: Scope) -> list[Moment]:
        """Return the moments."""
        del query, scope
        return list(self.moments[:k])


def made_up_film(patch_pixels: int = PATCH_PIXELS) -> Film:
    """Return the computed film, of 640x360 pixels unless told otherwise."""
    video = Video(
        "0" * 64,
        ("made-up.mp4",),
        "Made up",
        FILM_SECONDS,
        1,
        frame_rate=Fraction(FRAME_RATE),
    )
    return Film(video, MovingPictures(patch_pixels))


def real_film(path: Path) -> Film:
    """Return a film that is decoded.

    Raises:
        MediaError: It cannot be read.
    """
    from indexer.media.probe import probe
    from indexer.media.random_access import RandomAccessFrames

    info = probe(path)
    video = Video(
        "0" * 64,
        (str(path),),
        path.stem,
        info.duration_seconds,
        path.stat().st_size,
        frame_rate=info.frame_rate,
    )
    return Film(video, RandomAccessFrames())


def found_in(video: Video) -> FoundMoments:
    """Return a moment in each third of a film."""
    starts = [share * video.duration_seconds for share in MOMENT_STARTS]
    length = min(MOMENT_SECONDS, video.duration_seconds / 12)
    spans = [TimeSpan(start, start + length) for start in starts]
    return FoundMoments(
        tuple(
            Moment(video, span, 1.0 - n / 10, (Clip(video.video_id, n, span),), (), ())
            for n, span in enumerate(spans)
        )
    )
