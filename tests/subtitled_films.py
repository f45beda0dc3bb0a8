"""Builds films with subtitle tracks inside them, whose packets are what a test says."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.packet import Packet
from av.stream import Disposition

from tests.films import HEIGHT_PIXELS, WIDTH_PIXELS, numbered_picture

# What the encoders want to know before they open, and what a SubStation track carries.
HEADER = b"""[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, \
Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, \
Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,0

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
PLAIN = Disposition(0)
_MILLISECOND = Fraction(1, 1000)
_RATE = 25


@dataclass(frozen=True)
class Track:
    """A subtitle track; ``cues`` are start and length in milliseconds, and the packet."""

    codec: str
    cues: tuple[tuple[int, int, bytes], ...]
    language: str = "und"
    disposition: Disposition = PLAIN
    title: str = ""


def mov_text(text: str) -> bytes:
    """Pack text as MP4 does."""
    content = text.encode()
    return len(content).to_bytes(2, "big") + content


def write_subtitled_film(
    path: Path, *tracks: Track, num_frames: int = 50, first_frame: int = 0
) -> Path:
    """Write numbered frames and tracks; the first frame may come late on the container's clock."""
    with av.open(str(path), "w", options={"avoid_negative_ts": "disabled"}) as container:
        video = container.add_stream("libx264", rate=_RATE)
        video.width, video.height, video.pix_fmt = WIDTH_PIXELS, HEIGHT_PIXELS, "yuv420p"
        video.options = {"preset": "veryfast"}
        video.codec_context.max_b_frames = 0
        streams = [_add(container, track) for track in tracks]
        for number in range(num_frames):
            frame = av.VideoFrame.from_ndarray(numbered_picture(number), format="rgb24")
            frame.pts, frame.time_base = number + first_frame, Fraction(1, _RATE)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        for stream, track in zip(streams, tracks, strict=True):
            for start, length, payload in track.cues:
                container.mux(_packet(stream, start, length, payload))
    return path


def _add(container, track):
    stream = container.add_stream(track.codec)
    stream.metadata["language"] = track.language
    if track.title:
        stream.metadata["title"] = track.title
    stream.disposition = track.disposition
    stream.time_base = _MILLISECOND
    if track.codec not in ("dvd_subtitle", "dvb_subtitle"):
        stream.codec_context.subtitle_header = HEADER
    if track.codec == "ass":
        stream.codec_context.extradata = HEADER
    return stream


def _packet(stream, start, length, payload):
    packet = Packet(payload)
    packet.stream, packet.time_base = stream, _MILLISECOND
    packet.pts = packet.dts = start
    packet.duration = length
    return packet
