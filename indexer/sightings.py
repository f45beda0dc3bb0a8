"""What the stages that look at frames keep, as bytes and back; the models are in ``studying``."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.class_probabilities import ClassProbabilities, probability_rows
from indexer.interfaces import Face, ScreenLine
from indexer.payloads import joined, pack, parted, unpack, unpack_array
from indexer.screen_text import Reading

Half = NDArray[np.float16]


def pack_frames(
    values: Mapping[str, Any],
    seconds: Sequence[float],
    kept: Sequence[bool],
    probabilities: ClassProbabilities,
) -> bytes:
    """Pack what the frames stage found.

    Args:
        values: Counts and skips.
        seconds: Presentation times of the ``N`` frames that the backbone saw, ascending.
        kept: Which of them show something new.
        probabilities: Theirs.
    """
    return pack(
        values,
        {
            "seconds": np.array(seconds, np.float64),
            "kept": np.array(kept, np.bool_),
            **probabilities.arrays(),
        },
    )


def kept_seconds_of(payload: bytes) -> list[float]:
    """Read which frames the frames stage kept."""
    seconds: list[float] = unpack_array(payload, "seconds")[unpack_array(payload, "kept")].tolist()
    return seconds


def kept_classes_of(payload: bytes) -> Half:
    """Read the ``(N, 1000)`` class probabilities of the frames that were kept: 2 KB each."""
    kept = zip(unpack_array(payload, "kept").tolist(), _classes(payload), strict=True)
    chosen = [row for is_kept, row in kept if is_kept]
    return np.stack(chosen) if chosen else np.zeros((0, 0), np.float16)


def classes_of(payload: bytes) -> tuple[list[float], Iterator[Half]]:
    """Read the classes of all frames that the backbone saw, kept or like one that was kept.

    Returns:
        ``N`` presentation times, ascending, and as many rows of 1000 probabilities.
    """
    return unpack_array(payload, "seconds").tolist(), _classes(payload)


def _classes(payload: bytes) -> Iterator[Half]:
    names = ("num_classes", "ends", "classes", "probabilities")
    return probability_rows({name: unpack_array(payload, name) for name in names})


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
