"""Back from packed bytes to one video's index.

Nothing that was packed by others is believed: every type and range is checked, and what belongs to
what.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Any, TypeVar

import numpy as np

from store.json_values import LARGEST_LONG, JsonObject, any_text, integer, items, read_objects
from store.packing import PackedVideo
from store.publishing import require_consistent
from store.records import (
    Clip,
    Embedding,
    Evidence,
    EvidenceKind,
    IndexedVideo,
    Space,
    StageRun,
    Summary,
    SummaryLevel,
    TimedWord,
    Video,
)
from store.rows import video_record
from store.tables import VideoRow
from store.timespan import TimeSpan

LONGEST_ID_CHARACTERS = 128
LARGEST_DIMENSION = 2**16
HALF_BYTES = 2
JPEG_START = b"\xff\xd8"

Part = TypeVar("Part")


def unpack(packed: PackedVideo) -> IndexedVideo:
    """Read what ``store.packing.pack`` wrote.

    Raises:
        ValueError: Some value is none that ``pack`` writes, or parts do not belong together.
    """
    parts = _Parts(BytesIO(packed.vectors), BytesIO(packed.thumbnails))
    for values in read_objects(BytesIO(packed.records)):
        parts.add(values)
    return parts.whole()


class _Parts:
    """Collects the parts of one video in the order of their lines.

    Args:
        vectors: Where embeddings find theirs.
        thumbnails: Where clips find theirs.
    """

    def __init__(self, vectors: BytesIO, thumbnails: BytesIO) -> None:
        self._vectors = vectors
        self._thumbnails = thumbnails
        self._video: Video | None = None
        self._stages: dict[str, StageRun] = {}
        self._spaces: dict[str, Space] = {}
        self._clips: dict[int, Clip] = {}
        self._evidence: dict[str, Evidence] = {}
        self._embeddings: list[Embedding] = []
        self._pictures: list[tuple[int, bytes]] = []
        self._summaries: dict[tuple[str, int], Summary] = {}

    def add(self, values: JsonObject) -> None:
        """Read one line."""
        readers: dict[object, Callable[[JsonObject, str], None]] = {
            "stage": self._add_stage,
            "space": self._add_space,
            "clip": self._add_clip,
            "evidence": self._add_evidence,
            "embedding": self._add_embedding,
            "summary": self._add_summary,
        }
        part = values.text("part")
        if (part == "video") != (self._video is None):
            raise ValueError("the video stands once, and first")
        if self._video is None:
            self._video = _read_video(values)
        elif part in readers:
            readers[part](values, self._video.video_id)
        else:
            raise ValueError(f"there is no part {part!r}")

    def whole(self) -> IndexedVideo:
        """Put the parts together."""
        if self._video is None:
            raise ValueError("there is no video")
        if self._vectors.read(1) or self._thumbnails.read(1):
            raise ValueError("there are more vectors or thumbnails than records")
        whole = IndexedVideo(
            video=self._video,
            clips=tuple(self._clips.values()),
            evidence=tuple(self._evidence.values()),
            spaces=tuple(self._spaces.values()),
            embeddings=tuple(self._embeddings),
            stage_runs=tuple(self._stages.values()),
            thumbnails=tuple(self._pictures),
            summaries=tuple(self._summaries.values()),
        )
        require_consistent(whole)
        return whole

    def _add_stage(self, values: JsonObject, _: str) -> None:
        run = StageRun(values.text("stage"), values.text("key"), values.number("seconds"))
        _add_once(self._stages, run.stage, run)

    def _add_space(self, values: JsonObject, _: str) -> None:
        space = Space(
            space_id=values.text("space_id"),
            encoder_id=values.text("encoder_id"),
            query_encoder_id=values.text("query_encoder_id"),
            dimension=values.integer("dimension", least=1, most=LARGEST_DIMENSION),
            embeds=values.text("embeds"),
        )
        _add_once(self._spaces, space.space_id, space)

    def _add_clip(self, values: JsonObject, video_id: str) -> None:
        clip = Clip(video_id, values.integer("ordinal"), _read_span(values))
        _add_once(self._clips, clip.ordinal, clip)
        num_bytes = values.integer_or_none("thumbnail_bytes", least=len(JPEG_START))
        if num_bytes is not None:
            jpeg = self._thumbnails.read(num_bytes)
            if len(jpeg) != num_bytes or not jpeg.startswith(JPEG_START):
                raise ValueError(f"the thumbnail of clip {clip.ordinal} is no JPEG of its length")
            self._pictures.append((clip.ordinal, jpeg))

    def _add_evidence(self, values: JsonObject, video_id: str) -> None:
        evidence = Evidence(
            video_id=video_id,
            kind=EvidenceKind(values.text("kind")),
            ordinal=values.integer("ordinal"),
            clip_ordinal=values.integer("clip"),
            span=_read_span(values),
            text=values.text("text"),
            source=values.text("source"),
            confidence=values.number_or_none("confidence"),
            language=values.text_or_none("language"),
            speaker=values.text_or_none("speaker"),
            words=tuple(_read_word(word) for word in values.items("words")),
        )
        _add_once(self._evidence, evidence.evidence_id, evidence)

    def _add_embedding(self, values: JsonObject, _: str) -> None:
        space_id = values.text("space_id")
        if space_id not in self._spaces:
            raise ValueError(f"there is no space {space_id!r}")
        num_bytes = HALF_BYTES * self._spaces[space_id].dimension
        stored = self._vectors.read(num_bytes)
        if len(stored) != num_bytes:
            raise ValueError("there are fewer vectors than embeddings")
        embedding = Embedding(
            space_id=space_id,
            clip_ordinal=values.integer("clip"),
            span=_read_span(values),
            vector=np.frombuffer(stored, "<f2").astype(np.float32),
            evidence_id=values.text_or_none("evidence_id"),
        )
        self._embeddings.append(embedding)

    def _add_summary(self, values: JsonObject, video_id: str) -> None:
        names = [any_text(name, "evidence") for name in values.items("evidence")]
        if strangers := set(names) - self._evidence.keys():
            raise ValueError(f"there is no evidence {min(strangers)!r:.200}")
        summary = Summary(
            video_id=video_id,
            level=SummaryLevel(values.text("level")),
            ordinal=values.integer("ordinal"),
            span=_read_span(values),
            evidence=tuple(self._evidence[name] for name in names),
        )
        _add_once(self._summaries, (summary.level, summary.ordinal), summary)


def _add_once(parts: dict[Any, Part], key: object, part: Part) -> None:
    if key in parts:
        raise ValueError(f"{key!r} stands twice")
    parts[key] = part


def _read_video(values: JsonObject) -> Video:
    video_id = values.text("video_id")
    if len(video_id) > LONGEST_ID_CHARACTERS:
        raise ValueError("the video's id is too long")
    paths = [any_text(path, "paths") for path in values.items("paths")]
    if any("\0" in path or not path for path in paths):
        raise ValueError("a path is empty or holds a NUL")
    skips = [items(skip, "skips", 2) for skip in values.items("skips")]
    numerator = values.integer_or_none("frame_rate_numerator", least=0)
    denominator = values.integer_or_none("frame_rate_denominator", least=1)
    if (numerator is None) != (denominator is None):
        raise ValueError("a frame rate has a numerator and a denominator")
    texts = ("video_codec", "audio_codec", "language", "start_timecode", "series")
    numbers = ("width_pixels", "height_pixels", "season", "episode", "year")
    row = VideoRow(
        video_id=video_id,
        paths=paths,
        title=values.text("title"),
        duration_milliseconds=values.integer("duration_milliseconds"),
        file_bytes=values.integer("file_bytes", most=LARGEST_LONG),
        frame_rate_numerator=numerator,
        frame_rate_denominator=denominator,
        skips=[[any_text(value, "skips") for value in skip] for skip in skips],
        **{name: values.text_or_none(name) for name in texts},
        **{name: values.integer_or_none(name) for name in numbers},
    )
    return video_record(row)


def _read_span(values: JsonObject) -> TimeSpan:
    return TimeSpan.from_milliseconds(values.integer("start"), values.integer("end"))


def _read_word(value: object) -> TimedWord:
    text, start, end = items(value, "words", 3)
    span = TimeSpan.from_milliseconds(integer(start, "words"), integer(end, "words"))
    return TimedWord(any_text(text, "words"), span)
