"""The one decode pass: every stage that needs pictures is fed from it.

Each frame goes, small, to the shot detector, the appearance meter and the frame chooser; the few
that the chooser asks for go, larger, to the backbone and, where something seems written, to the
reader of screen text. Memory holds one batch of pictures, and a few numbers for each frame kept.
"""

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.appearance import AppearanceMeter
from indexer.embedding import PictureVectors
from indexer.frames import FeatureChain, FrameChooser, stay_spans
from indexer.interfaces import Cut, PictureBackbone, PictureHead, ShotDetector
from indexer.media import Frame, FrameReader
from indexer.report import Stopwatch
from indexer.screen_text import Reading, TextFollower, with_stay
from store.timespan import TimeSpan

PICTURE_SIDE_PIXELS = 640
THUMBNAIL_SIDE_PIXELS = 320
THUMBNAIL_QUALITY = 75
BATCH_PICTURES = 8
PROGRESS_SECONDS = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Sights:
    """What one pass over the pictures of a video saw.

    Attributes:
        pictures: Kept frames in the picture space.
        probabilities: ``(N, 1000)`` float16 class probabilities of the same frames.
        thumbnails: ``(pts_seconds, JPEG bytes)`` of frames that passed the pixel gate.
        end_seconds: When the last frame leaves the screen.
        kept_share: Kept frames among one a second.
    """

    cuts: tuple[Cut, ...]
    pictures: PictureVectors
    probabilities: NDArray[np.float16]
    appearance: AppearanceMeter
    readings: tuple[Reading, ...]
    thumbnails: tuple[tuple[float, bytes], ...]
    end_seconds: float
    damaged_packets: int
    kept_share: float


@dataclass(slots=True)
class Looker:
    """Everything that looks during the pass; one is made for every video."""

    detector: ShotDetector
    backbone: PictureBackbone
    head: PictureHead
    text: TextFollower | None
    watch: Stopwatch
    chooser: FrameChooser = field(default_factory=FrameChooser)
    chain: FeatureChain = field(default_factory=FeatureChain)
    appearance: AppearanceMeter = field(default_factory=AppearanceMeter)
    _batch: list[tuple[float, NDArray[np.uint8]]] = field(default_factory=list)
    _kept_seconds: list[float] = field(default_factory=list)
    _probabilities: list[NDArray[np.float16]] = field(default_factory=list)
    _vectors: list[NDArray[np.float32]] = field(default_factory=list)
    _thumbnails: list[tuple[float, bytes]] = field(default_factory=list)
    _readings: list[Reading] = field(default_factory=list)

    def look_through(self, path: Path, on_seconds: Callable[[float], None]) -> Sights:
        """Decode a video once and show it to everyone.

        Args:
            path: Of the media file.
            on_seconds: Told every few seconds of video how far the pass is.

        Raises:
            MediaError: The file cannot be read or holds no frame that decodes.
        """
        next_report_seconds = 0.0
        with FrameReader(path) as reader:
            for frame in self._decoded(reader):
                self._see(frame)
                if frame.pts_seconds >= next_report_seconds:
                    on_seconds(frame.pts_seconds)
                    next_report_seconds = frame.pts_seconds + PROGRESS_SECONDS
            self._look_at_batch()
            return self._sights(reader)

    def _decoded(self, reader: Iterable[Frame]) -> Iterator[Frame]:
        frames = iter(reader)
        while True:
            with self.watch.running("decode"):
                frame = next(frames, None)
            if frame is None:
                return
            yield frame

    def _see(self, frame: Frame) -> None:
        with self.watch.running("decode"):
            small = frame.picture(self.detector.frame_side_pixels)
        with self.watch.running("shots"):
            self.detector.push(small, frame.pts_seconds)
        with self.watch.running("frames"):
            self.appearance.push(small, frame.pts_seconds)
            is_wanted = self.chooser.wants(small, frame.pts_seconds)
        if is_wanted:
            with self.watch.running("decode"):
                picture = frame.picture(PICTURE_SIDE_PIXELS)
            self._batch.append((frame.pts_seconds, picture))
            if len(self._batch) == BATCH_PICTURES:
                self._look_at_batch()

    def _look_at_batch(self) -> None:
        if not self._batch:
            return
        seconds = [pts_seconds for pts_seconds, _ in self._batch]
        pictures = [picture for _, picture in self._batch]
        with self.watch.running("frames"):
            features = self.backbone.look(pictures)
            keeps = np.array(self.chain.keep(features.features, seconds))
            self._probabilities.append(features.probabilities[keeps].astype(np.float16))
            self._vectors.append(self.head.embed(features)[keeps])
            self._kept_seconds += [at for at, keep in zip(seconds, keeps, strict=True) if keep]
            self._thumbnails += [(at, thumbnail(picture)) for at, picture in self._batch]
        if self.text is not None:
            with self.watch.running("screen_text"):
                self._readings += [self.text.look(picture, at) for at, picture in self._batch]
        self._batch.clear()

    def _sights(self, reader: FrameReader) -> Sights:
        with self.watch.running("shots"):
            cuts = tuple(self.detector.finish())
        spans = stay_spans(self._kept_seconds, [cut.seconds for cut in cuts], reader.end_seconds)
        return Sights(
            cuts=cuts,
            pictures=PictureVectors(tuple(spans), np.concatenate(self._vectors)),
            probabilities=np.concatenate(self._probabilities),
            appearance=self.appearance,
            readings=tuple(
                with_stay(reading, stay.same_until_seconds)
                for reading, stay in zip(self._readings, self.chooser.stays, strict=False)
            ),
            thumbnails=tuple(self._thumbnails),
            end_seconds=reader.end_seconds,
            damaged_packets=reader.damaged_packets,
            kept_share=len(self._kept_seconds) / max(1, self.chooser.looks),
        )


def thumbnail(picture: NDArray[np.uint8]) -> bytes:
    """Encode a small JPEG of an ``(H, W, 3)`` RGB picture."""
    from PIL import Image

    image = Image.fromarray(picture)
    image.thumbnail((THUMBNAIL_SIDE_PIXELS, THUMBNAIL_SIDE_PIXELS))
    packed = io.BytesIO()
    image.save(packed, "JPEG", quality=THUMBNAIL_QUALITY)
    return packed.getvalue()


def thumbnails_of(
    thumbnails: Iterable[tuple[float, bytes]], clips: Iterable[TimeSpan]
) -> tuple[tuple[int, bytes], ...]:
    """Choose for every clip the picture nearest to its middle: ``(clip position, JPEG bytes)``."""
    taken = tuple(thumbnails)
    if not taken:
        return ()
    chosen = []
    for position, clip in enumerate(clips):
        inside = [shot for shot in taken if clip.contains(shot[0])]
        # A static shot has one picture, taken before the clip began.
        _, packed = min(inside or taken, key=lambda shot: abs(shot[0] - clip.middle_seconds))
        chosen.append((position, packed))
    return tuple(chosen)
