"""Every frame of a video, in presentation order, in one streaming pass."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from indexer.media.clock import FrameClock
from indexer.media.container import OpenMedia, named_errors, open_media, stated_frame_rate
from indexer.media.packets import PacketDecoder
from indexer.media.picture import PictureScaler
from store.errors import MediaDecodeError

_FALLBACK_INTERVAL_SECONDS = 1 / 25


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One decoded frame; nothing is converted until ``picture`` is called.

    A frame holds on to decoder memory: take the picture and let the frame go.

    Attributes:
        index: Position among the frames that could be decoded, from 0.
        pts_seconds: When it comes on screen; strictly increasing. 0 is the first presentation
            timestamp of picture or sound, whichever is earlier.
        is_damaged: The decoder filled in parts that it could not read.
    """

    index: int
    pts_seconds: float
    is_damaged: bool
    _decoded: VideoFrame = field(repr=False)
    _scaler: PictureScaler = field(repr=False)

    @property
    def rotation_degrees(self) -> int:
        """Clockwise turn that ``picture`` applies: 0, 90, 180 or 270."""
        return self._scaler.rotation_degrees

    @property
    def width_pixels(self) -> int:
        """As displayed."""
        return self._scaler.width_pixels

    @property
    def height_pixels(self) -> int:
        """As displayed."""
        return self._scaler.height_pixels

    def picture(self, longest_side_pixels: int | None = None) -> NDArray[np.uint8]:
        """Return ``(H, W, 3)`` RGB as displayed: upright, pixels square, aspect kept.

        Every frame of a video gives the same shape for the same argument.

        Args:
            longest_side_pixels: Scale down to this; a smaller frame is left as it is. ``None`` for
                full size.
        """
        return self._scaler.picture(self._decoded, longest_side_pixels)


class FrameReader:
    """Reads the frames of one video once; open it with ``with``, then iterate.

    Damaged packets are skipped and counted. Memory does not grow with the length of the video.

    Args:
        threads: Decoding threads; 0 lets the decoder choose.

    Attributes:
        damaged_frames: Frames yielded so far with parts filled in.
        end_seconds: When the last frame so far leaves the screen.
    """

    def __init__(self, path: Path, *, threads: int = 0) -> None:
        self.path = path
        self.damaged_frames = 0
        self.end_seconds = 0.0
        self._threads = threads
        self._stack = ExitStack()
        self._media: OpenMedia | None = None
        self._decoder: PacketDecoder | None = None

    @property
    def damaged_packets(self) -> int:
        """Packets that could not be read or decoded so far."""
        return self._decoder.damaged_packets if self._decoder else 0

    @property
    def stopped_early(self) -> bool:
        """Whether the rest of the file was given up because nothing in it decoded."""
        return self._decoder is not None and self._decoder.stopped_early

    def __enter__(self) -> Self:
        self._media = self._stack.enter_context(open_media(self.path))
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._media = None
        self._stack.close()

    def __iter__(self) -> Iterator[Frame]:
        """Yield every frame; none when the file has sound only.

        Raises:
            MediaDecodeError: There is a picture track and not one frame of it decodes.
        """
        media, self._media = self._media, None
        if media is None:
            raise ValueError("open the FrameReader with `with` and iterate over it once")
        if media.video is None:
            return
        with named_errors(self.path):
            yield from self._frames(media, media.video)

    def _frames(self, media: OpenMedia, video: VideoStream) -> Iterator[Frame]:
        rate = stated_frame_rate(video)
        interval_seconds = float(1 / rate) if rate else _FALLBACK_INTERVAL_SECONDS
        clock = FrameClock(media.origin_seconds, interval_seconds, media.stated_duration_seconds)
        scaler: PictureScaler | None = None
        video.thread_type = "AUTO"
        video.codec_context.thread_count = self._threads
        self._decoder = PacketDecoder(media)
        for index, decoded in enumerate(self._decoder.video_frames(video)):
            scaler = scaler or PictureScaler(decoded, video.sample_aspect_ratio)
            pts_seconds = clock.place(decoded.pts, decoded.dts, decoded.time_base)
            self.end_seconds = pts_seconds + interval_seconds
            self.damaged_frames += decoded.is_corrupt
            yield Frame(index, pts_seconds, decoded.is_corrupt, decoded, scaler)
        if scaler is None:
            raise MediaDecodeError(
                f"{self.path} has a {video.codec_context.name} picture track of which no frame "
                "can be decoded; copy the file again"
            )


def decode_frames(path: Path, *, threads: int = 0) -> Iterator[Frame]:
    """Yield every frame of a video in presentation order, reading the file once.

    ``FrameReader`` does the same and also says how much was damaged.

    Raises:
        MediaError: The file is missing, unreadable, no video, or holds no frame that decodes.
    """
    with FrameReader(path, threads=threads) as reader:
        yield from reader
