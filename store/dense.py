"""Vectors to hits: keeps one index for each space in step with the catalogue.

The catalogue is the truth. An index is used only for the generation it was made of; otherwise it
comes from the cache file where that holds this generation, or else from the embeddings in SQL.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from store.errors import LibraryDamagedError
from store.records import Hit, Scope
from store.rows import clip_record, evidence_record
from store.scoping import conditions
from store.tables import CatalogueState, ClipRow, EmbeddingRow, EvidenceRow, SpaceRow, VideoRow
from store.timespan import TimeSpan

if TYPE_CHECKING:
    from store.vectors import VectorIndex, VectorStamp

ROWS_PER_CHUNK = 8192
IDS_PER_STATEMENT = 10_000

_logger = logging.getLogger(__name__)


class DenseSearch:
    """Searches the spaces of one library; safe to use from several threads.

    Args:
        folder: Where the cache files lie.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._loaded: dict[str, tuple[VectorStamp, VectorIndex]] = {}

    def search(
        self, session: Session, space: SpaceRow, queries: NDArray[np.float32], k: int, scope: Scope
    ) -> list[list[Hit]]:
        """Find the best hits of each query, all in the session's snapshot."""
        allowed = None if scope == Scope() else _allowed(session, space, scope)
        with self._lock:
            index = self._index(session, space)
        scores, ids = index.search(queries, k, allowed)
        found = _resolve(session, np.unique(ids).tolist())
        return [
            [_scored(found[i], score) for i, score in zip(row_ids, row_scores, strict=True)]
            for row_ids, row_scores in zip(ids.tolist(), scores.tolist(), strict=True)
        ]

    def forget(self) -> None:
        """Drop every index and cache file; the next search builds anew what it needs."""
        with self._lock:
            self._loaded.clear()
            for file in self._folder.iterdir():
                with suppress(OSError):
                    file.unlink()

    def _index(self, session: Session, space: SpaceRow) -> VectorIndex:
        from store.vectors import (
            VectorIndex,
            VectorStamp,
        )  # faiss is loaded by the first vector search

        state = session.execute(select(CatalogueState)).scalar_one()
        stamp, index = self._loaded.get(space.space_id, (None, None))
        if stamp and index and (stamp.generation, stamp.token) == (state.generation, state.token):
            return index
        num_rows = session.scalar(select(func.count()).where(EmbeddingRow.space == space.id)) or 0
        stamp = VectorStamp(
            space.space_id, space.dimension, state.generation, state.token, num_rows
        )
        path = self._folder / f"{sha256(space.space_id.encode()).hexdigest()[:32]}.vectors"
        index = VectorIndex.load(path, stamp)
        if index is None:
            index = VectorIndex.build(space.dimension, _chunks(session, space))
            _keep(index, path, stamp)
        self._loaded[space.space_id] = (stamp, index)
        return index


def _keep(index: VectorIndex, path: Path, stamp: VectorStamp) -> None:
    try:
        index.save(path, stamp)
    except OSError as error:  # only the next start is slower for it
        _logger.warning("the vector cache %s cannot be written: %s", path, error)


def _chunks(
    session: Session, space: SpaceRow
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    statement = (
        select(EmbeddingRow.id, EmbeddingRow.vector)
        .where(EmbeddingRow.space == space.id)
        .order_by(EmbeddingRow.id)
    )
    rows = session.execute(statement.execution_options(yield_per=ROWS_PER_CHUNK))
    for partition in rows.partitions():
        ids, blobs = zip(*partition, strict=True)
        codes = np.frombuffer(b"".join(blobs), dtype="<f2")
        if codes.size != len(ids) * space.dimension:
            raise LibraryDamagedError(
                f"the catalogue holds vectors of the wrong length in space {space.space_id}; "
                "restore it from a backup, or delete the library and index again"
            )
        yield np.array(ids, np.int64), codes.reshape(len(ids), space.dimension).astype(np.float32)


def _allowed(session: Session, space: SpaceRow, scope: Scope) -> NDArray[np.int64]:
    statement = (
        select(EmbeddingRow.id)
        .join(ClipRow, ClipRow.id == EmbeddingRow.clip)
        .join(VideoRow, VideoRow.id == ClipRow.video)
        .outerjoin(EvidenceRow, EvidenceRow.id == EmbeddingRow.evidence)
        .where(
            EmbeddingRow.space == space.id,
            *conditions(scope, EmbeddingRow.start_milliseconds, EmbeddingRow.end_milliseconds),
        )
    )
    return np.fromiter(session.scalars(statement), dtype=np.int64)


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
            span = TimeSpan.from_milliseconds(row.start_milliseconds, row.end_milliseconds)
            record = None
            if evidence is not None:
                record = evidence_record(evidence, video_id, clip.ordinal)
            found[row.id] = Hit(clip_record(clip, video_id), span, 0.0, record)
    return found


def _scored(hit: Hit, score: float) -> Hit:
    return replace(hit, score=score)
