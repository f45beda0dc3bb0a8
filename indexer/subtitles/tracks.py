"""The text of a container's subtitle tracks as cues."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from indexer.media.subtitle_tracks import TextPacket, TrackFacts, text_packets
from indexer.subtitles.cues import NO_TIMES, Cue, CueList
from indexer.subtitles.encodings import decode_pieces
from indexer.subtitles.substation import packet_text

# Where a cue does not say how long it stands, and no other follows sooner.
_USUAL_CUE_SECONDS = 5.0
_LENGTH_BYTES = 2
_BOX_BYTES = 8


def track_cues(path: Path, tracks: Sequence[TrackFacts]) -> dict[int, CueList]:
    """Read text tracks in one pass over the file.

    Args:
        path: The video.
        tracks: Those to read; each with a text format.

    Returns:
        Track index to cues, on the clock of the frames.

    Raises:
        MediaError: The file is missing, unreadable or no video.
    """
    packets: dict[int, list[TextPacket]] = defaultdict(list)
    for packet in text_packets(path, {track.index for track in tracks}):
        packets[packet.track_index].append(packet)
    return {track.index: _cues(packets[track.index], track) for track in tracks}


def _cues(packets: Sequence[TextPacket], track: TrackFacts) -> CueList:
    timed = [packet for packet in packets if packet.start_seconds is not None]
    timed.sort(key=lambda packet: packet.start_seconds or 0.0)
    followers = [after.start_seconds for _, after in pairwise(timed)] + [None]
    cues = []
    contents = decode_pieces([_content(packet.payload, track) for packet in timed], track.language)
    for packet, next_seconds, content in zip(timed, followers, contents, strict=True):
        text, speaker = content.replace("\r\n", "\n").replace("\r", "\n"), None
        if track.text_format == "substation":
            text, speaker = packet_text(text)
        start = packet.start_seconds or 0.0
        end = start + (packet.duration_seconds or _USUAL_CUE_SECONDS)
        if packet.duration_seconds is None and next_seconds is not None and next_seconds > start:
            end = min(end, next_seconds)
        if text.strip():
            cues.append(Cue(start, end, text, speaker))
    num_untimed = len(packets) - len(timed)
    return CueList(tuple(cues), Counter({NO_TIMES: num_untimed} if num_untimed else {}))


def _content(payload: bytes, track: TrackFacts) -> bytes:
    """Take the bytes of a packet that are text."""
    if track.text_format == "mov_text":
        num_bytes = int.from_bytes(payload[:_LENGTH_BYTES])
        return payload[_LENGTH_BYTES : _LENGTH_BYTES + num_bytes]
    is_boxed = payload[4:8] in (b"vttc", b"vtte", b"vttx") and track.text_format != "substation"
    return b"\n".join(_boxed_text(payload)) if is_boxed else payload


def _boxed_text(payload: bytes) -> list[bytes]:
    """Return the payloads of the cues in a sample of WebVTT in MP4.

    Source: ISO/IEC 14496-30; boxes ``vttc`` hold a box ``payl`` each.
    """
    texts: list[bytes] = []
    place = 0
    while place + _BOX_BYTES <= len(payload):
        num_bytes, kind = int.from_bytes(payload[place : place + 4]), payload[place + 4 : place + 8]
        end = place + max(num_bytes, _BOX_BYTES)
        if kind == b"payl":
            texts.append(payload[place + _BOX_BYTES : end])
        # What is inside a cue's box follows its head.
        place = place + _BOX_BYTES if kind == b"vttc" else end
    return texts
