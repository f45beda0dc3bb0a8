"""Decoding a track packet by packet, passing over what is damaged."""

from collections.abc import Iterator
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from indexer.media.container import OpenMedia
from indexer.media.leaps import LeapGuard
from indexer.media.splices import SpliceCloser

# So many packets without one good frame between them, and the rest of the file is given up.
MAX_DAMAGED_RUN_PACKETS = 500


class PacketDecoder:
    """Decodes one track from where the container stands to its end.

    Args:
        media: Which to decode.
        is_trusted: Its timestamps are known to be sound, so none is doubted; needed where reading
            begins in the middle and the first packet counts.

    Attributes:
        damaged_packets: Packets that could not be read or decoded so far.
        stopped_early: The rest was given up because nothing in it decoded.
    """

    def __init__(self, media: OpenMedia, *, is_trusted: bool = False) -> None:
        self.damaged_packets = 0
        self.stopped_early = False
        self._media = media
        self._closer = SpliceCloser() if media.may_be_spliced else None
        self._guard = None if is_trusted or media.may_be_spliced else LeapGuard(media)
        self._damaged_run = 0

    @property
    def num_splices(self) -> int:
        """Jumps of the clock so far, each closed up."""
        return self._closer.num_splices if self._closer is not None else 0

    def video_frames(self, track: VideoStream) -> Iterator[VideoFrame]:
        """Yield frames as the decoder hands them out, which is presentation order."""
        yield from self._frames(track)

    def audio_frames(self, track: AudioStream) -> Iterator[AudioFrame]:
        """Yield frames in order; what was damaged shows as a gap in their timestamps."""
        yield from self._frames(track)

    def packets(self, *tracks: VideoStream | AudioStream) -> Iterator[Any]:
        """Yield the packets of the tracks as they stand in the file, and a last one to flush."""
        while not self.stopped_early:
            try:
                yield from self._demuxed(tracks)
                return
            except (av.InvalidDataError, av.EOFError):
                # The demultiplexer can go on after the packet that it failed on.
                self._count_damage()

    def _demuxed(self, tracks: tuple[VideoStream | AudioStream, ...]) -> Iterator[Any]:
        container = self._media.container
        wanted = {track.index for track in tracks}
        # Picture and sound share a clock, so both are watched whichever is wanted.
        for packet in container.demux(*self._media.tracks):
            if self._closer is not None:
                self._closer.close(packet)
            if self._guard is not None:
                self._guard.check(packet)
            if packet.stream_index in wanted:
                yield packet

    def _frames(self, track: VideoStream | AudioStream) -> Iterator[Any]:
        for packet in self.packets(track):
            yield from self._decode(packet)
            if self.stopped_early:
                return

    def _decode(self, packet: Any) -> list[Any]:
        try:
            frames: list[Any] = packet.decode()
        except av.FFmpegError:
            self._count_damage()
            return []
        if frames:
            self._damaged_run = 0
        return frames

    def _count_damage(self) -> None:
        self.damaged_packets += 1
        self._damaged_run += 1
        self.stopped_early = self._damaged_run >= MAX_DAMAGED_RUN_PACKETS
