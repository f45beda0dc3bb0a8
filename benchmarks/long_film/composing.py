"""A film of any length: the packets of a short one again and again, nothing encoded anew."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from indexer.media import decode_frames, probe

# Where sound is a little longer than picture, a frame stays on screen for longer at a join.
MOST_GAP_SECONDS = 0.2
CONTAINER_OPTIONS = {"movflags": "faststart"}


def compose(source: Path, path: Path, about_seconds: float) -> float:
    """Write picture and sound of a film end to end, as often as comes nearest to a length.

    Args:
        source: A film whose tracks both begin at 0.
        path: Of the film to write; its suffix says which container.
        about_seconds: It is longer or shorter by half a ``source`` at the most.

    Returns:
        Its length in seconds.
    """
    with av.open(path, "w", options=CONTAINER_OPTIONS) as written:
        tracks: dict[int, Any] = {}
        offset = Fraction(0)
        for _ in range(max(1, round(about_seconds / probe(source).duration_seconds))):
            end = offset
            with av.open(source) as part:
                for track in (part.streams.video[0], part.streams.audio[0]):
                    if offset == 0:
                        tracks[track.index] = written.add_stream_from_template(track)
                for packet in _packets(part):
                    if packet.pts < 0 and offset > 0:
                        continue  # fills the sound decoder up, which it already is
                    end = max(end, _moved(packet, offset))
                    packet.stream = tracks[packet.stream_index]
                    written.mux(packet)
            offset = end
    return float(offset)


def _packets(part: Any) -> Iterator[Any]:
    """Yield the packets in the order of the file, without the empty one that ends each track."""
    for packet in part.demux(part.streams.video[0], part.streams.audio[0]):
        if packet.dts is not None and packet.size:
            yield packet


def _moved(packet: Any, offset_seconds: Fraction) -> Fraction:
    """Move a packet's timestamps; returns when it leaves the screen."""
    ticks = round(offset_seconds / packet.time_base)
    packet.pts += ticks
    packet.dts += ticks
    end: Fraction = (packet.pts + (packet.duration or 0)) * packet.time_base
    return end


def check(path: Path, source: Path) -> None:
    """Decode a composed film, and what it is made of, and compare them.

    Raises:
        ValueError: A frame is missing, damaged or late, above all at the joins.
    """
    num_frames, last_seconds, longest_gap = 0, 0.0, 0.0
    for frame in decode_frames(path):
        if frame.is_damaged:
            raise ValueError(f"the frame at {frame.pts_seconds} s of {path} is damaged")
        longest_gap = max(longest_gap, frame.pts_seconds - last_seconds)
        num_frames, last_seconds = num_frames + 1, frame.pts_seconds
    in_source = sum(1 for _ in decode_frames(source))
    if num_frames % in_source:
        raise ValueError(f"{path} has {num_frames} frames, no multiple of {in_source}")
    if longest_gap > MOST_GAP_SECONDS:
        raise ValueError(f"{path}: {longest_gap:.3f} s pass between two frames")
