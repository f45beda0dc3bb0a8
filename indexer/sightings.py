"""What the stages that look at frames keep, as bytes and back; the models are in ``studying``."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.interfaces import Face, PictureFeatures, ScreenLine
from indexer.payloads import joined, pack, parted, unpack, unpack_array
from indexer.screen_text import Reading

Half = NDArray[np.float16]


def kept_seconds_of(payload: bytes) -> list[float]:
    """Read which frames the frames stage kept."""
    seconds: list[float] = unpack_array(payload, "seconds").tolist()
    return seconds


def features_of(payload: bytes) -> PictureFeatures:
    """Read what the backbone says of the frames that were kept: 9 KB each."""
    return PictureFeatures(
        unpack_array(payload, "probabilities").astype(np.float32),
        unpack_array(payload, "features").astype(np.float32),
    )


def classes_of(payload: bytes) -> tuple[list[float], NDArray[np.float32]]:
    """Read the classes of all frames that the backbone saw, kept or like one that was kept.

    Returns:
        ``N`` presentation times, ascending, and ``(N, 1000)`` probabilities.
    """
    _, arrays = unpack(payload)
    seconds = np.concatenate([arrays["seconds"], arrays["alike_seconds"]])
    rows = [arrays[name] for name in ("probabilities", "alike_probabilities") if len(arrays[name])]
    order = np.argsort(seconds)
    stacked = np.concatenate(rows) if rows else np.zeros((0, 0), np.float16)
    return seconds[order].tolist(), stacked[order].astype(np.float32)


def faces_of(payload: bytes) -> list[list[Face]]:
    """Read what the faces stage found, for each kept frame."""
    return [faces for _, faces in unpack_faces(payload)]


def pack_readings(readings: Iterable[Reading], skips: Sequence[str] = ()) -> bytes:
    """Pack what was read, and why some was not."""
    rows = [
        [
            reading.pts_seconds,
            reading.same_until_seconds,
            [_spelled(line) for line in reading.lines],
        ]
        for reading in readings
    ]
    return pack({"readings": rows, "skips": list(skips)})


def readings_of(payload: bytes) -> list[Reading]:
    """Read what the screen text stage found."""
    values, _ = unpack(payload)
    return [
        Reading(at, until, tuple(_line(line) for line in lines))
        for at, until, lines in values["readings"]
    ]


def pack_thumbnails(entries: Sequence[tuple[float, bytes]]) -> bytes:
    """Pack thumbnails and their instants."""
    seconds = np.array([at for at, _ in entries], np.float64)
    return pack({}, {"seconds": seconds, **joined([jpeg for _, jpeg in entries])})


def unpack_thumbnails(payload: bytes) -> list[tuple[float, bytes]]:
    """Read what ``pack_thumbnails`` made."""
    _, arrays = unpack(payload)
    return list(zip(arrays["seconds"].tolist(), parted(arrays), strict=True))


def pack_features(entries: Sequence[tuple[float, tuple[Half, Half]]]) -> bytes:
    """Pack what the backbone said of frames, and their instants."""
    return pack(
        {},
        {
            "seconds": np.array([at for at, _ in entries], np.float64),
            "features": np.stack([row[0] for _, row in entries]),
            "probabilities": np.stack([row[1] for _, row in entries]),
        },
    )


def unpack_features(payload: bytes) -> list[tuple[float, tuple[Half, Half]]]:
    """Read what ``pack_features`` made."""
    _, arrays = unpack(payload)
    rows = zip(arrays["features"], arrays["probabilities"], strict=True)
    return list(zip(arrays["seconds"].tolist(), rows, strict=True))


def pack_faces(entries: Sequence[tuple[float, list[Face]]]) -> bytes:
    """Pack the faces of frames, and their instants."""
    rows = [[at, [[*face.box, face.confidence] for face in faces]] for at, faces in entries]
    return pack({"faces": rows})


def unpack_faces(payload: bytes) -> list[tuple[float, list[Face]]]:
    """Read what ``pack_faces`` made."""
    values, _ = unpack(payload)
    return [
        (at, [Face((left, top, right, bottom), sure) for left, top, right, bottom, sure in faces])
        for at, faces in values.get("faces", ())
    ]


def pack_lines(entries: Sequence[tuple[float, list[ScreenLine]]]) -> bytes:
    """Pack the lines that were read in frames, and their instants."""
    return pack({"lines": [[at, [_spelled(line) for line in lines]] for at, lines in entries]})


def unpack_lines(payload: bytes) -> list[tuple[float, list[ScreenLine]]]:
    """Read what ``pack_lines`` made."""
    values, _ = unpack(payload)
    return [(at, [_line(line) for line in lines]) for at, lines in values["lines"]]


def _spelled(line: ScreenLine) -> list[object]:
    return [line.text, line.confidence, *line.box]


def _line(spelled: Sequence[object]) -> ScreenLine:
    text, confidence, *box = spelled
    left, top, right, bottom = (float(str(side)) for side in box)
    return ScreenLine(str(text), float(str(confidence)), (left, top, right, bottom))
