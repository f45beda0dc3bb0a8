"""Vectors to hits: what the rows that a vector index found stand for."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from store.errors import LibraryDamagedError
from store.interfaces import StoredSpace, VectorIndex
from store.records import Hit, Scope
from store.rows import clip_record, evidence_record, span_record
from store.tables import ClipRow, EmbeddingRow, EvidenceRow, VideoRow

IDS_PER_STATEMENT = 10_000


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
