"""Subtitle tracks inside a container: what each one is, and the packets of those that hold text.

The packets are taken as they are, not through the decoder: it turns every format into SubStation
and drops who speaks (WebVTT's ``<v Jon>``) on the way.
"""

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
from av.stream import Discard, Disposition
from av.subtitles.stream import SubtitleStream

from indexer.media.container import OpenMedia, named_errors, open_media
from indexer.media.languages import short_language

# Tracks whose packets hold the text itself; what they are called here is the format of the text.
_FORMATS = {
    "subrip": "subrip",
    "srt": "subrip",
    "text": "subrip",
    "webvtt": "webvtt",
    "ass": "substation",
    "ssa": "substation",
    "mov_text": "mov_text",
}
# No packet of text is longer.
_MAX_PACKET_BYTES = 100_000
_MAX_PACKETS = 50_000
_MAX_DAMAGED_PACKETS = 500


@dataclass(frozen=True, slots=True)
class TrackFacts:
    """What a container says of one subtitle track.

    Attributes:
        index: Of the track in the container.
        codec: The decoder's name, for example ``mov_text``.
        text_format: ``subrip``, ``webvtt``, ``substation`` or ``mov_text``; ``None`` where the
            track holds pictures, or text in a form that is not read.
        language: ISO 639-1 where there is such a code, else ISO 639-3; ``None`` where unknown.
        is_bitmap: Whether it holds pictures of text.
        is_sdh: Whether it is marked as written for people who do not hear.
        is_forced: Whether it is marked as holding only what needs translation.
    """

    index: int
    codec: str
    text_format: str | None
    language: str | None
    is_bitmap: bool
    is_sdh: bool
    is_forced: bool


@dataclass(frozen=True, slots=True)
class TextPacket:
    """One cue as the container holds it.

    Attributes:
        start_seconds: On the clock of the frames; negative before the first one, ``None`` where
            nothing is stated.
        duration_seconds: ``None`` where nothing is stated.
    """

    track_index: int
    start_seconds: float | None
    duration_seconds: float | None
    payload: bytes


def subtitle_track_facts(path: Path) -> list[TrackFacts]:
    """Describe the subtitle tracks of a file, in its order.

    Raises:
        MediaError: The file is missing, unreadable or no video.
    """
    with open_media(path) as media:
        return [_facts(track) for track in media.container.streams.subtitles]


def text_packets(path: Path, indexes: Collection[int]) -> Iterator[TextPacket]:
    """Yield the packets of some subtitle tracks, in the order of the file, in one pass.

    The other tracks are passed over unread where the container allows it. What is damaged is
    left out; a track that goes on past 50,000 packets is cut there.

    Args:
        path: The video.
        indexes: Of the tracks in the container.

    Raises:
        MediaError: The file is missing, unreadable or no video.
    """
    with open_media(path) as media, named_errors(path):
        wanted = [track for track in media.container.streams.subtitles if track.index in indexes]
        for track in media.container.streams:
            if track.index not in indexes:
                track.discard = Discard.all
        counts = dict.fromkeys(indexes, 0)
        for packet in _packets(media, wanted) if wanted else ():
            index = packet.stream.index
            counts[index] += 1
            if packet.size and packet.size <= _MAX_PACKET_BYTES and counts[index] <= _MAX_PACKETS:
                yield _text_packet(packet, media)


def _packets(media: OpenMedia, tracks: list[SubtitleStream]) -> Iterator[Any]:
    for _ in range(_MAX_DAMAGED_PACKETS):
        # The demultiplexer can go on after the packet that it failed on.
        with suppress(av.InvalidDataError):
            yield from media.container.demux(*tracks)
            return


def _text_packet(packet: Any, media: OpenMedia) -> TextPacket:
    start = duration = None
    if packet.time_base and packet.pts is not None:
        start = float(packet.pts * packet.time_base - media.origin_seconds)
    if packet.time_base and packet.duration:
        duration = float(packet.duration * packet.time_base)
    return TextPacket(packet.stream.index, start, duration, bytes(packet))


def _facts(track: SubtitleStream) -> TrackFacts:
    codec = track.codec_context.codec if track.codec_context is not None else None
    name = codec.canonical_name if codec is not None else "unknown"
    return TrackFacts(
        index=track.index,
        codec=name,
        text_format=_FORMATS.get(name),
        language=short_language(track.language),
        is_bitmap=codec is not None and codec.bitmap_sub,
        is_sdh=bool(track.disposition & (Disposition.hearing_impaired | Disposition.captions))
        or _is_titled_sdh(track),
        is_forced=bool(track.disposition & Disposition.forced),
    )


def _is_titled_sdh(track: SubtitleStream) -> bool:
    """Read the title, for most files say there what they do not say in the flags."""
    title = (track.metadata.get("title") or track.metadata.get("handler_name") or "").lower()
    words = title.replace("(", " ").replace(")", " ").replace("[", " ").replace("]", " ").split()
    return "sdh" in words or "cc" in words
