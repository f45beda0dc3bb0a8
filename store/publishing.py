"""Writing: one video's index as one transaction's worth of rows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from secrets import randbits, token_hex
from typing import Any

import numpy as np
from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.orm import Session

from store.errors import EncoderMismatchError
from store.interfaces import TextIndex, VectorIndex
from store.records import Embedding, IndexedVideo, Space
from store.rows import (
    evidence_columns,
    places_of,
    space_record,
    span_columns,
    summary_columns,
    video_columns,
)
from store.tables import (
    CatalogueState,
    ClipRow,
    EmbeddingRow,
    EvidenceRow,
    SpaceRow,
    StageRunRow,
    SummaryRow,
    VideoRow,
)
from store.wholes import content_digest, read_whole

# An id names a folder of thumbnails and the first part of evidence ids.
_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]+")
PUBLICATION_BITS = 63


def require_consistent(indexed: IndexedVideo) -> None:
    """Check that the parts belong together.

    Raises:
        ValueError: A part names another video, or a clip, evidence or space that is not there;
            or a vector is not ``(D,)`` and finite.
    """
    video_id = indexed.video.video_id
    if not _VIDEO_ID.fullmatch(video_id):
        raise ValueError(f"a video id is letters, digits, '_' and '-', got {video_id!r}")
    if not indexed.video.paths:
        raise ValueError(f"video {video_id} has no path")
    owners = {clip.video_id for clip in indexed.clips}
    owners |= {evidence.video_id for evidence in indexed.evidence}
    owners |= {summary.video_id for summary in indexed.summaries}
    if strangers := owners - {video_id}:
        raise ValueError(f"parts of {sorted(strangers)} in the index of {video_id}")
    clips = {clip.ordinal for clip in indexed.clips}
    named = {ordinal for ordinal, _ in indexed.thumbnails}
    named |= {evidence.clip_ordinal for evidence in indexed.evidence}
    named |= {embedding.clip_ordinal for embedding in indexed.embeddings}
    if missing := named - clips:
        raise ValueError(f"no such clips in the index of {video_id}: {sorted(missing)}")
    _require_vectors(indexed)
    _require_summaries(indexed)


def _require_vectors(indexed: IndexedVideo) -> None:
    dimensions = {space.space_id: space.dimension for space in indexed.spaces}
    evidence_ids = {evidence.evidence_id for evidence in indexed.evidence}
    for embedding in indexed.embeddings:
        if embedding.space_id not in dimensions:
            raise ValueError(f"no such space in this index: {embedding.space_id}")
        if embedding.evidence_id is not None and embedding.evidence_id not in evidence_ids:
            raise ValueError(f"no such evidence in this index: {embedding.evidence_id}")
        shape = (dimensions[embedding.space_id],)
        if embedding.vector.shape != shape or not np.isfinite(embedding.vector).all():
            raise ValueError(
                f"a vector of {embedding.space_id} must be finite and of shape {shape}"
            )


def _require_summaries(indexed: IndexedVideo) -> None:
    known = places_of(indexed.evidence)
    for summary in indexed.summaries:
        if strangers := places_of(summary.evidence).keys() - known.keys():
            raise ValueError(f"no such evidence in this index: {min(strangers)}")


def require_same_encoder(kept: Space, space: Space) -> None:
    """Check that vectors of a space may join those that are kept under its name.

    Raises:
        EncoderMismatchError: They may not.
    """
    if kept != space:
        raise EncoderMismatchError(
            f"space {space.space_id} was made by {kept.encoder_id} (dimension {kept.dimension}), "
            f"not by {space.encoder_id} ({space.dimension}); name the new encoder's space "
            "differently"
        )


@dataclass(frozen=True, slots=True)
class Indexes:
    """What is kept in step with the rows, in the same transaction."""

    text: TextIndex
    vectors: VectorIndex


def publish(
    session: Session, indexed: IndexedVideo, thumbnails: Mapping[int, str], indexes: Indexes
) -> None:
    """Put a video in place of what the catalogue has of it.

    Args:
        session: Of a writing transaction.
        indexed: Consistent.
        thumbnails: Clip ordinal to file name.
        indexes: Of the catalogue.

    Raises:
        EncoderMismatchError: A space of this name holds another encoder's vectors.
    """
    same = VideoRow.video_id == indexed.video.video_id
    old = session.scalar(select(VideoRow.id).where(same))
    if old is not None:
        indexes.text.drop(session, old)
        session.execute(delete(VideoRow).where(VideoRow.id == old))
    columns = {
        **video_columns(indexed.video),
        "publication": randbits(PUBLICATION_BITS),
    }
    video = session.execute(insert(VideoRow).values(columns).returning(VideoRow.id)).scalar_one()
    spaces = {space.space_id: _space_row(session, space) for space in indexed.spaces}
    clips = _insert_clips(session, indexed, video, thumbnails)
    evidence = _insert_evidence(session, indexed, video, clips)
    rows = [
        _embedding_columns(embedding, spaces, clips, evidence) for embedding in indexed.embeddings
    ]
    _insert(session, EmbeddingRow, rows)
    runs = [
        {"video": video, "stage": run.stage, "key": run.key, "seconds": run.seconds}
        for run in indexed.stage_runs
    ]
    _insert(session, StageRunRow, runs)
    _insert(session, SummaryRow, [summary_columns(part, video) for part in indexed.summaries])
    indexes.text.add(session, video)
    indexes.vectors.add(session, video)
    # Of what the database gives back: that is what a later check can compare.
    digest = content_digest(read_whole(session, indexed.video.video_id), thumbnails)
    session.execute(update(VideoRow).where(VideoRow.id == video).values(content_digest=digest))
    _drop_empty_spaces(session, kept=spaces)
    _advance(session)


def take_out(session: Session, video: int, indexes: Indexes) -> None:
    """Delete a video by row id, readable or not."""
    indexes.text.drop(session, video)
    session.execute(delete(VideoRow).where(VideoRow.id == video))
    drop_empty_spaces(session)
    _advance(session)


def drop_empty_spaces(session: Session) -> None:
    """Delete spaces that hold no vectors."""
    _drop_empty_spaces(session, kept={})


def _space_row(session: Session, space: Space) -> int:
    row = session.execute(
        select(SpaceRow).where(SpaceRow.space_id == space.space_id)
    ).scalar_one_or_none()
    if row is None:
        row = SpaceRow(
            space_id=space.space_id,
            encoder_id=space.encoder_id,
            query_encoder_id=space.query_encoder_id,
            dimension=space.dimension,
            embeds=space.embeds,
        )
        session.add(row)
        session.flush()
    else:
        require_same_encoder(space_record(row), space)
    return row.id


def _insert_clips(
    session: Session, indexed: IndexedVideo, video: int, thumbnails: Mapping[int, str]
) -> dict[int, int]:
    rows = [
        {
            "video": video,
            "ordinal": clip.ordinal,
            **span_columns(clip.span),
            "thumbnail": thumbnails.get(clip.ordinal),
        }
        for clip in indexed.clips
    ]
    _insert(session, ClipRow, rows)
    found = session.execute(select(ClipRow.ordinal, ClipRow.id).where(ClipRow.video == video))
    return {ordinal: row for ordinal, row in found}


def _insert_evidence(
    session: Session, indexed: IndexedVideo, video: int, clips: Mapping[int, int]
) -> dict[str, int]:
    rows = [evidence_columns(evidence, video, clips) for evidence in indexed.evidence]
    _insert(session, EvidenceRow, rows)
    found = session.execute(
        select(EvidenceRow.kind, EvidenceRow.ordinal, EvidenceRow.id).where(
            EvidenceRow.video == video
        )
    )
    row_by_place = {(kind, ordinal): row for kind, ordinal, row in found}
    return {
        part.evidence_id: row_by_place[str(part.kind), part.ordinal] for part in indexed.evidence
    }


def _embedding_columns(
    embedding: Embedding,
    spaces: Mapping[str, int],
    clips: Mapping[int, int],
    evidence: Mapping[str, int],
) -> dict[str, Any]:
    return {
        "space": spaces[embedding.space_id],
        "clip": clips[embedding.clip_ordinal],
        "evidence": None if embedding.evidence_id is None else evidence[embedding.evidence_id],
        **span_columns(embedding.span),
        "vector": embedding.vector.astype("<f2").tobytes(),
    }


def _insert(session: Session, table: type[Any], rows: list[dict[str, Any]]) -> None:
    if rows:
        session.connection().execute(insert(table), rows)


def _drop_empty_spaces(session: Session, kept: Mapping[str, int]) -> None:
    is_used = exists().where(EmbeddingRow.space == SpaceRow.id)
    session.execute(delete(SpaceRow).where(~is_used, SpaceRow.space_id.not_in(kept)))


def _advance(session: Session) -> None:
    session.execute(
        update(CatalogueState).values(generation=CatalogueState.generation + 1, token=token_hex(16))
    )
