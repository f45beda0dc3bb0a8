"""The frames on screen at given instants, by seeking with PyAV where that can be trusted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from indexer.media.container import OpenMedia, named_errors, open_media
from indexer.media.frames import Frame, FrameReader
from indexer.media.packets import PacketDecoder
from indexer.media.picture import PictureScaler
from store.errors import MediaDecodeError

# Decoding on is cheaper than seeking when the next instant is this near.
_NEAR_SECONDS = 4.0
# Where a key frame alone does not give a whole picture, an earlier one may.
_RETRY_SECONDS = 10.0
_TIMELESS_CONTAINERS = frozenset({"avi", "h264", "hevc", "m4v", "mpegvideo", "vc1"})


class UnseekableError(Exception):
    """Seeking in this file does not lead to whole pictures at known times."""


@dataclass(frozen=True, slots=True, eq=False)
class FrameTable:
    """Where every frame of a picture track is.

    Attributes:
        times_seconds: ``(N,)`` when each comes on screen, ascending.
        key_numbers: Which of them are key frames.
    """

    times_seconds: NDArray[np.float64]
    key_numbers: tuple[int, ...]


def frame_table(path: Path) -> FrameTable | None:
    """Read the table from the packets, decoding nothing; ``None`` where the times are guesswork.

    Seeking can be trusted where there is a table.
    """
    with open_media(path) as media, named_errors(path):
        video = media.video
        if video is None or _is_guessing(media, video):
            return None
        time_base = video.time_base or Fraction(1, av.time_base)
        is_key_by_stamp: dict[int, bool] = {}
        last_dts: int | None = None
        reader = PacketDecoder(media)
        for packet in reader.packets(video):
            if reader.damaged_packets or reader.num_splices:
                return None
            if not packet.size:
                continue
            if packet.pts is None or packet.pts in is_key_by_stamp:
                return None
            if _goes_back(last_dts, packet.dts):
                return None
            last_dts = packet.dts if packet.dts is not None else last_dts
            if not packet.is_discard:
                is_key_by_stamp[packet.pts] = packet.is_keyframe
    # The same arithmetic as FrameClock, so that times are equal to the last bit.
    stamps = sorted(is_key_by_stamp)
    times = [float(pts * time_base - media.origin_seconds) for pts in stamps]
    keys = tuple(number for number, pts in enumerate(stamps) if is_key_by_stamp[pts])
    return FrameTable(np.asarray(times, dtype=np.float64), keys) if keys else None


def _is_guessing(media: OpenMedia, video: VideoStream) -> bool:
    """Containers without presentation times leave the order of B frames to guesswork."""
    return media.container.format.name in _TIMELESS_CONTAINERS and bool(
        video.codec_context.has_b_frames
    )


def _goes_back(last_dts: int | None, dts: int | None) -> bool:
    return last_dts is not None and dts is not None and dts <= last_dts


def pictures_in_order(
    path: Path, instants_seconds: Sequence[float], longest_side_pixels: int | None
) -> list[NDArray[np.uint8]]:
    """Decode from the beginning; right for every file, slow for late instants.

    Args:
        path: The video.
        instants_seconds: In ascending order.
        longest_side_pixels: Pictures are scaled down to this; ``None`` for full size.
    """
    waiting = list(reversed(instants_seconds))
    pictures: list[NDArray[np.uint8]] = []
    shown: Frame | None = None
    with FrameReader(path) as reader:
        for frame in reader:
            while waiting and waiting[-1] < frame.pts_seconds:
                waiting.pop()
                pictures.append((shown or frame).picture(longest_side_pixels))
            if not waiting:
                break
            shown = frame
    if shown is None and waiting:
        raise _no_picture(path)
    if shown is not None and waiting:
        pictures += [shown.picture(longest_side_pixels)] * len(waiting)
    return pictures


def pictures_by_seeking(
    path: Path, instants_seconds: Sequence[float], longest_side_pixels: int | None
) -> list[NDArray[np.uint8]]:
    """Seek to the key frame before each instant and decode from there.

    Args:
        path: The video.
        instants_seconds: In ascending order.
        longest_side_pixels: Pictures are scaled down to this; ``None`` for full size.

    Raises:
        UnseekableError: What comes out after a seek is not whole or has no time.
    """
    with open_media(path) as media, named_errors(path):
        if media.video is None:
            raise _no_picture(path)
        cursor = _Cursor(media, media.video)
        scaler = PictureScaler(cursor.first, media.video.sample_aspect_ratio)
        return [
            scaler.picture(cursor.frame_at(instant), longest_side_pixels)
            for instant in instants_seconds
        ]


def _no_picture(path: Path) -> MediaDecodeError:
    return MediaDecodeError(f"{path} has no picture track; choose a file with picture")


class _Cursor:
    """Moves through one track: keeps the frame on screen and the one after it."""

    def __init__(self, media: OpenMedia, video: VideoStream) -> None:
        self._media = media
        self._video = video
        video.thread_type = "AUTO"
        self._frames: Iterator[VideoFrame] = iter(())
        self._shown: VideoFrame | None = None
        self._next: VideoFrame | None = None
        self._restart()
        if self._next is None:
            raise UnseekableError
        self.first: VideoFrame = self._next

    def frame_at(self, instant_seconds: float) -> VideoFrame:
        """Return the frame on screen; the first one before the start, the last after the end."""
        instant_seconds = max(instant_seconds, self._seconds(self.first))
        if (
            self._shown is None
            or not 0 <= instant_seconds - self._seconds(self._shown) < _NEAR_SECONDS
        ):
            self._seek(instant_seconds)
        self._advance(instant_seconds)
        if self._shown is None or self._shown.is_corrupt:
            self._seek(instant_seconds - _RETRY_SECONDS)
            self._advance(instant_seconds)
        if self._shown is None or self._shown.is_corrupt:
            raise UnseekableError
        return self._shown

    def _seek(self, instant_seconds: float) -> None:
        container_seconds = Fraction(max(0.0, instant_seconds)) + self._media.origin_seconds
        time_base = self._video.time_base or Fraction(1, av.time_base)
        try:
            self._media.container.seek(int(container_seconds / time_base), stream=self._video)
        except av.FFmpegError as error:
            raise UnseekableError from error
        self._restart()

    def _restart(self) -> None:
        self._frames = PacketDecoder(self._media, is_trusted=True).video_frames(self._video)
        self._shown, self._next = None, next(self._frames, None)

    def _advance(self, instant_seconds: float) -> None:
        while self._next is not None and self._seconds(self._next) <= instant_seconds:
            self._shown, self._next = self._next, next(self._frames, None)

    def _seconds(self, frame: VideoFrame) -> float:
        if frame.pts is None or frame.time_base is None:
            raise UnseekableError
        return float(frame.pts * frame.time_base - self._media.origin_seconds)
