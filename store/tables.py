"""The catalogue's tables; ``store/migrations`` builds them and a test holds the two together.

Times are integer milliseconds. Row ids stay inside the store: what leaves it carries natural keys.
Everything a video owns goes with its row (``ON DELETE CASCADE``), the full-text index too, by the
triggers of the first migration.
"""

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

# SQLite gives row ids to columns of this very type only, and its integers are long already.
Long = BigInteger().with_variant(Integer, "sqlite")


class Text(TypeDecorator[str]):
    """Text that every database can carry.

    A lone surrogate (of an undecodable name) becomes ``?``, a NUL character becomes ``\ufffd``.
    """

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Replace what cannot be encoded."""
        if value is None:
            return None
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


class Table(DeclarativeBase):
    """Root of the tables."""

    type_annotation_map = {str: Text, list[Any]: JSON, dict[str, Any]: JSON}  # noqa: RUF012 - declared so by SQLAlchemy


class CatalogueState(Table):
    """One row: which state of evidence and vectors this is.

    Attributes:
        generation: Grows by one with every publish and removal.
        token: Random, new with every generation, so that a vector cache of a copied or restored
            library is not taken for this one's.
    """

    __tablename__ = "catalogue_state"

    id: Mapped[int] = mapped_column(primary_key=True)
    generation: Mapped[int]
    token: Mapped[str]


class VideoRow(Table):
    """``store.records.Video``; ``paths`` is JSON, which keeps any file name the system allows.

    Attributes:
        publication: Random number of the publish that made this row, never given twice; vector
            files name the rows they hold by it, so that no other state of the video, and no other
            library, is taken for this one.
        content_digest: Of what was published (``store/dump.py``); ``None`` where an older cinedex
            published it.
    """

    __tablename__ = "video"
    __table_args__ = (Index("video_publication", "publication", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    video_id: Mapped[str] = mapped_column(unique=True)
    publication: Mapped[int] = mapped_column(Long, server_default="0")
    content_digest: Mapped[str | None]
    paths: Mapped[list[Any]]
    title: Mapped[str]
    duration_milliseconds: Mapped[int]
    file_bytes: Mapped[int] = mapped_column(Long)
    frame_rate_numerator: Mapped[int | None]
    frame_rate_denominator: Mapped[int | None]
    width_pixels: Mapped[int | None]
    height_pixels: Mapped[int | None]
    video_codec: Mapped[str | None]
    audio_codec: Mapped[str | None]
    language: Mapped[str | None]
    start_timecode: Mapped[str | None]
    series: Mapped[str | None]
    season: Mapped[int | None]
    episode: Mapped[int | None]
    year: Mapped[int | None]
    skips: Mapped[list[Any]]


class ClipRow(Table):
    """``store.records.Clip``; ``thumbnail`` is a file name below ``thumbnails/``."""

    __tablename__ = "clip"
    __table_args__ = (UniqueConstraint("video", "ordinal"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    video: Mapped[int] = mapped_column(ForeignKey("video.id", ondelete="CASCADE"))
    ordinal: Mapped[int]
    start_milliseconds: Mapped[int]
    end_milliseconds: Mapped[int]
    thumbnail: Mapped[str | None]


class EvidenceRow(Table):
    """``store.records.Evidence``; ``id`` is also its row in the full-text index."""

    __tablename__ = "evidence"
    __table_args__ = (UniqueConstraint("video", "kind", "ordinal"), Index("evidence_clip", "clip"))

    id: Mapped[int] = mapped_column(Long, primary_key=True)
    video: Mapped[int] = mapped_column(ForeignKey("video.id", ondelete="CASCADE"))
    clip: Mapped[int] = mapped_column(ForeignKey("clip.id", ondelete="CASCADE"))
    kind: Mapped[str]
    ordinal: Mapped[int]
    start_milliseconds: Mapped[int]
    end_milliseconds: Mapped[int]
    text: Mapped[str]
    source: Mapped[str]
    confidence: Mapped[float | None]
    language: Mapped[str | None]
    speaker: Mapped[str | None]
    words: Mapped[list[Any]]


class SummaryRow(Table):
    """``store.records.Summary``; ``evidence`` is JSON, a list of kinds and ordinals."""

    __tablename__ = "summary"
    __table_args__ = (UniqueConstraint("video", "level", "ordinal"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    video: Mapped[int] = mapped_column(ForeignKey("video.id", ondelete="CASCADE"))
    level: Mapped[str]
    ordinal: Mapped[int]
    start_milliseconds: Mapped[int]
    end_milliseconds: Mapped[int]
    evidence: Mapped[list[Any]]


class SpaceRow(Table):
    """``store.records.Space``."""

    __tablename__ = "space"

    id: Mapped[int] = mapped_column(primary_key=True)
    space_id: Mapped[str] = mapped_column(unique=True)
    encoder_id: Mapped[str]
    query_encoder_id: Mapped[str]
    dimension: Mapped[int]
    embeds: Mapped[str]


class EmbeddingRow(Table):
    """``store.records.Embedding``; ``vector`` is ``D`` little-endian float16.

    ``id`` is the vector's id in the vector index, and is never given twice.
    """

    __tablename__ = "embedding"
    __table_args__ = (
        Index("embedding_space", "space", "id"),
        Index("embedding_clip", "clip"),
        Index("embedding_evidence", "evidence"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Long, primary_key=True)
    space: Mapped[int] = mapped_column(ForeignKey("space.id"))
    clip: Mapped[int] = mapped_column(ForeignKey("clip.id", ondelete="CASCADE"))
    evidence: Mapped[int | None] = mapped_column(
        Long, ForeignKey("evidence.id", ondelete="CASCADE")
    )
    start_milliseconds: Mapped[int]
    end_milliseconds: Mapped[int]
    vector: Mapped[bytes]


class StageRunRow(Table):
    """``store.records.StageRun``: what a published video was made by."""

    __tablename__ = "stage_run"
    __table_args__ = (UniqueConstraint("video", "stage"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    video: Mapped[int] = mapped_column(ForeignKey("video.id", ondelete="CASCADE"))
    stage: Mapped[str]
    key: Mapped[str]
    seconds: Mapped[float]


class StageResultRow(Table):
    """``store.records.StageResult``: one stage of a video that is being, or was, indexed.

    Apart from ``stage_run`` because it is there before its video is published, and may be ahead of
    what is published.
    """

    __tablename__ = "stage_result"
    __table_args__ = (UniqueConstraint("video_id", "stage"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    video_id: Mapped[str]
    stage: Mapped[str]
    key: Mapped[str]
    state: Mapped[str]
    attempt: Mapped[int]
    seconds: Mapped[float]
    error: Mapped[str | None]
    facts: Mapped[dict[str, Any]]


class StagePartRow(Table):
    """A part of what a stage found; ``digest`` tells whether it is what was written."""

    __tablename__ = "stage_part"
    __table_args__ = (UniqueConstraint("result", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    result: Mapped[int] = mapped_column(ForeignKey("stage_result.id", ondelete="CASCADE"))
    number: Mapped[int]
    digest: Mapped[str]
    payload: Mapped[bytes]


class AnswerRow(Table):
    """An evidence bundle; it resolves by natural keys, so it outlives the videos it cites."""

    __tablename__ = "answer"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    payload: Mapped[dict[str, Any]]


class JudgementRow(Table):
    """A person's mark on an answer."""

    __tablename__ = "judgement"
    __table_args__ = (Index("judgement_answer", "answer"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    answer: Mapped[int] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"))
    is_right: Mapped[bool]
    note: Mapped[str | None]


class MarkRow(Table):
    """``store.mark.Mark``; it names its video by id, so it outlives the video's row.

    Attributes:
        scope: As ``store/scope_values.py`` writes it.
        marked_at_milliseconds: Since 1970 began in UTC.
    """

    __tablename__ = "mark"

    id: Mapped[int] = mapped_column(primary_key=True)
    query: Mapped[str]
    scope: Mapped[dict[str, Any]]
    verdict: Mapped[str]
    marked_at_milliseconds: Mapped[int] = mapped_column(Long)
    video_id: Mapped[str | None]
    start_milliseconds: Mapped[int | None]
    end_milliseconds: Mapped[int | None]
    shown_start_milliseconds: Mapped[int | None]
    shown_end_milliseconds: Mapped[int | None]
    note: Mapped[str | None]
