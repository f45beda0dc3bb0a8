"""Vectors to hits: what the rows that a vector index found stand for."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from store.catalogue import find_space
from store.errors import EncoderMismatchError, LibraryDamagedError
from store.interfaces import StoredSpace, VectorIndex
from store.records import Clip, EvidenceKind, Hit, Scope
from store.rows import clip_record, evidence_record, span_record
from store.tables import ClipRow, EmbeddingRow, EvidenceRow, VideoRow

IDS_PER_STATEMENT = 10_000


def queried_space(
    session: Session, space_id: str, queries: NDArray[np.float32], query_encoder_id: str
) -> StoredSpace:
    """Find a space, and see that queries of an encoder may be put to it.

    Raises:
        EncoderMismatchError: It expects queries of another encoder.
        UnknownNameError: No such space.
        ValueError: The queries are no rows of finite numbers.
    """
    if queries.ndim != 2 or not np.isfinite(queries).all():
        raise ValueError(f"queries must be finite and (Q, D), got shape {queries.shape}")
    space = find_space(session, space_id)
    if (space.query_encoder_id, space.dimension) != (query_encoder_id, queries.shape[1]):
        raise EncoderMismatchError(
            f"space {space_id} is searched with {space.query_encoder_id} (dimension "
            f"{space.dimension}), not with {query_encoder_id} ({queries.shape[1]}); "
            "use the profile it was indexed with, or index again"
        )
    return StoredSpace(space.id, space_id, space.encoder_id, space.dimension)


def search_vectors(
    session: Session,
    index: VectorIndex,
    space: StoredSpace,
    queries: NDArray[np.float32],
    k: int,
    scope: Scope,
) -> list[list[Hit]]:
    """Find the best hits of each query, all in the session's snapshot."""
    matches = index.search(session, space, queries, k, scope)
    rows = {match.row for row in matches for match in row}
    found = _resolve(session, sorted(rows))
    if missing := rows - found.keys():
        raise LibraryDamagedError(
            f"the catalogue lists {len(missing)} vectors and does not find them; run "
            "`cinedex check --repair`"
        )
    return [[replace(found[match.row], score=match.score) for match in row] for row in matches]


def score_clips(
    session: Session,
    space: StoredSpace,
    query: NDArray[np.float32],
    clips: Sequence[Clip],
    kinds: Sequence[EvidenceKind],
) -> list[Hit]:
    """Score all evidence of some kinds in some clips, near or far; reads these clips alone."""
    ordinals: dict[str, list[int]] = {}
    for clip in clips:
        ordinals.setdefault(clip.video_id, []).append(clip.ordinal)
    rows = [
        row
        for video_id, numbers in ordinals.items()
        for row in session.scalars(
            select(ClipRow.id)
            .join(VideoRow, VideoRow.id == ClipRow.video)
            .where(VideoRow.video_id == video_id, ClipRow.ordinal.in_(numbers))
        )
    ]
    statement = (
        select(EmbeddingRow, ClipRow, VideoRow.video_id, EvidenceRow)
        .join(ClipRow, ClipRow.id == EmbeddingRow.clip)
        .join(VideoRow, VideoRow.id == ClipRow.video)
        .join(EvidenceRow, EvidenceRow.id == EmbeddingRow.evidence)
        .where(
            EmbeddingRow.clip.in_(rows),
            EmbeddingRow.space == space.row,
            EvidenceRow.kind.in_([str(kind) for kind in kinds]),
        )
    )
    return [
        Hit(
            clip_record(clip_row, video_id),
            span_record(row.start_milliseconds, row.end_milliseconds),
            float(query @ np.frombuffer(row.vector, "<f2").astype(np.float32)),
            evidence_record(evidence, video_id, clip_row.ordinal),
        )
        for row, clip_row, video_id, evidence in session.execute(statement)
    ]


def _resolve(session: Session, ids: Sequence[int]) -> dict[int, Hit]:
    """Read what the embeddings stand for, as hits without a score."""
    found = {}
    for start in range(0, len(ids), IDS_PER_STATEMENT):
        statement = (
            select(EmbeddingRow, ClipRow, VideoRow.video_id, EvidenceRow)
            .options(defer(EmbeddingRow.vector))
            .join(ClipRow, ClipRow.id == EmbeddingRow.clip)
            .join(VideoRow, VideoRow.id == ClipRow.video)
            .outerjoin(EvidenceRow, EvidenceRow.id == EmbeddingRow.evidence)
            .where(EmbeddingRow.id.in_(ids[start : start + IDS_PER_STATEMENT]))
        )
        for row, clip, video_id, evidence in session.execute(statement):
            span = span_record(row.start_milliseconds, row.end_milliseconds)
            record = None
            if evidence is not None:
                record = evidence_record(evidence, video_id, clip.ordinal)
            found[row.id] = Hit(clip_record(clip, video_id), span, 0.0, record)
    return found
