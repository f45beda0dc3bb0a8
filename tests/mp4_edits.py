"""Writes edit lists into MP4 files, byte by byte, as cameras and cutting programs do."""

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

HEADER_BYTES = 8
# Seconds into the track, or nothing at all.
EMPTY = None


def write_edits(path: Path, handler: bytes, edits: Sequence[tuple[float, float | None]]) -> Path:
    """Replace the edit list of the one track with this handler (``vide`` or ``soun``).

    The index must come last in the file, so that nothing else moves.

    Args:
        edits: ``(duration, start)`` in seconds; the start is on the track's own clock, or ``EMPTY``
            for a time in which nothing is shown.
    """
    content = path.read_bytes()
    boxes = [(name, body) for name, body in _boxes(content)]
    assert boxes[-1][0] == b"moov"
    moov = list(_boxes(boxes[-1][1]))
    ticks = struct.unpack_from(">I", dict(moov)[b"mvhd"], 12)[0]
    moov = [
        (name, _with_edits(body, edits, ticks))
        if name == b"trak" and _handler(body) == handler
        else (name, body)
        for name, body in moov
    ]
    path.write_bytes(_joined([*boxes[:-1], (b"moov", _joined(moov))]))
    return path


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(content):
        size, name = struct.unpack_from(">I4s", content, at)
        yield name, content[at + HEADER_BYTES : at + size]
        at += size


def _joined(boxes: Sequence[tuple[bytes, bytes]]) -> bytes:
    return b"".join(
        struct.pack(">I4s", HEADER_BYTES + len(body), name) + body for name, body in boxes
    )


def _handler(trak: bytes) -> bytes:
    return dict(_boxes(dict(_boxes(trak))[b"mdia"]))[b"hdlr"][8:12]


def _with_edits(trak: bytes, edits: Sequence[tuple[float, float | None]], ticks: int) -> bytes:
    boxes = [(name, body) for name, body in _boxes(trak) if name != b"edts"]
    media_ticks = struct.unpack_from(">I", dict(_boxes(dict(boxes)[b"mdia"]))[b"mdhd"], 12)[0]
    entries = b"".join(
        struct.pack(
            ">Iihh",
            round(duration * ticks),
            -1 if start is EMPTY else round(start * media_ticks),
            1,
            0,
        )
        for duration, start in edits
    )
    elst = struct.pack(">II", 0, len(edits)) + entries
    # After the header, before the media.
    return _joined([boxes[0], (b"edts", _joined([(b"elst", elst)])), *boxes[1:]])
