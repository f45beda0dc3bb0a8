"""What an archive of a library holds: a zip file that any machine and either database can read.

    manifest.json                     the format, who wrote it, and every other member with its
                                      length and SHA-256
    videos/<video id>/records.jsonl   see store/packing.py
    videos/<video id>/vectors.f16
    videos/<video id>/thumbnails.jpegs
    answers.jsonl                     an evidence bundle a line, with what people said of it
    marks.jsonl                       what people said of what a search found, a mark a line

The last two are not there where only some videos were asked for; format 1 knew no marks.

The same library gives the same bytes. ``store/exporting.py`` writes one, ``store/archive_file.py``
reads it, ``store/merging.py`` decides what becomes of it.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED

from store.json_values import LARGEST_LONG, JsonObject, parse_json

FORMAT = 2
MANIFEST = "manifest.json"
ANSWERS, MARKS = "answers.jsonl", "marks.jsonl"
RECORDS, VECTORS, THUMBNAILS = "records.jsonl", "vectors.f16", "thumbnails.jpegs"
# A member that says it is longer is not even opened. A day of video is a tenth of the first three;
# the manifest of 80,000 videos is as long as it may be.
MOST_BYTES = {
    **{RECORDS: 2**29, VECTORS: 2**31, THUMBNAILS: 2**31},
    **{ANSWERS: 2**36, MARKS: 2**32, MANIFEST: 2**26},
}
# Neither gets much shorter, and what is not packed cannot turn out a thousand times as long.
STORED = (VECTORS, THUMBNAILS)

OnVideos = Callable[[int, int], None]
"""Told how many videos of how many are done."""

_VIDEO_ID = re.compile("[A-Za-z0-9_-]{1,128}")
_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Member:
    """One file inside."""

    name: str
    num_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ArchivedVideo:
    """Where one video's index lies."""

    video_id: str
    title: str
    records: Member
    vectors: Member
    thumbnails: Member

    @property
    def members(self) -> tuple[Member, ...]:
        """Its files."""
        return self.records, self.vectors, self.thumbnails


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``manifest.json`` says.

    Attributes:
        made_by: For people.
        counts: How many of what there are, for people.
        answers: ``None`` where none were exported.
        marks: Likewise.
    """

    made_by: str
    counts: Mapping[str, int]
    videos: tuple[ArchivedVideo, ...]
    answers: Member | None
    marks: Member | None = None

    @property
    def members(self) -> Iterator[Member]:
        """Every member but the manifest."""
        for video in self.videos:
            yield from video.members
        yield from filter(None, (self.answers, self.marks))


class NewerFormatError(ValueError):
    """The manifest is of a format that this code has never heard of."""


def member_name(video_id: str, file_name: str) -> str:
    """Name one of a video's files."""
    return f"videos/{video_id}/{file_name}"


def method(file_name: str) -> int:
    """Say how a member of this name is packed."""
    return ZIP_STORED if file_name in STORED else ZIP_DEFLATED


def write_manifest(manifest: Manifest) -> bytes:
    """Write a manifest down."""
    written = {"format": FORMAT, **asdict(manifest)}
    return (json.dumps(written, sort_keys=True, separators=(",", ":")) + "\n").encode()


def read_manifest(written: bytes) -> Manifest:
    """Read a manifest that anyone may have written.

    Raises:
        NewerFormatError: A newer cinedex wrote it.
        ValueError: It is none, or names a member as none is named.
    """
    values = JsonObject(parse_json(written))
    number = values.integer("format", least=1)
    if number > FORMAT:
        raise NewerFormatError(f"format {number}")
    videos = tuple(_read_video(JsonObject(video)) for video in values.items("videos"))
    if len({video.video_id for video in videos}) < len(videos):
        raise ValueError("a video is listed twice")
    manifest = Manifest(
        made_by=values.text("made_by"),
        counts=_read_counts(values.take("counts")),
        videos=videos,
        answers=_read_member_or_none(values, "answers", ANSWERS),
        marks=_read_member_or_none(values, "marks", MARKS) if number > 1 else None,
    )
    values.close()
    return manifest


def _read_video(values: JsonObject) -> ArchivedVideo:
    video_id = values.text("video_id")
    if not _VIDEO_ID.fullmatch(video_id):
        raise ValueError(f"{video_id!r:.80} is no video id")

    def member(key: str, file_name: str) -> Member:
        return _read_member(values.child(key), member_name(video_id, file_name))

    video = ArchivedVideo(
        video_id=video_id,
        title=values.text("title"),
        records=member("records", RECORDS),
        vectors=member("vectors", VECTORS),
        thumbnails=member("thumbnails", THUMBNAILS),
    )
    values.close()
    return video


def _read_member(values: JsonObject, expected_name: str) -> Member:
    name, sha256 = values.text("name"), values.text("sha256")
    if name != expected_name:
        raise ValueError(f"a member is named {name!r:.200} and not {expected_name!r}")
    if not _SHA256.fullmatch(sha256):
        raise ValueError(f"the SHA-256 of {name!r} is none")
    member = Member(name, values.integer("num_bytes", most=LARGEST_LONG), sha256)
    values.close()
    return member


def _read_member_or_none(values: JsonObject, key: str, file_name: str) -> Member | None:
    return None if values.took_null(key) else _read_member(values.child(key), file_name)


def _read_counts(value: Any) -> dict[str, int]:
    counts = JsonObject(value)
    return {name: counts.integer(name, most=LARGEST_LONG) for name in list(value)}
