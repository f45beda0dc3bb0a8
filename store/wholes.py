"""One video's index as it was published: read whole out of the catalogue, or written down.

What is written down (the canonical dump) holds natural keys only: no row ids, clock times, paths of
caches or seconds that a stage took. So two libraries that know the same say the same, whichever
database they are in and however they came by it; and a digest of it, kept with the video, tells
whether what is read today is what was published.
"""

import json
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from store import catalogue
from store.records import (
    SHORT_ID_CHARACTERS,
    Clip,
    Embedding,
    IndexedVideo,
    Space,
    Video,
)
from store.rows import space_record, span_record, video_columns, video_record
from store.spelling import spell_embedding, spell_evidence, spell_space, spell_span, spell_summary
from store.tables import ClipRow, EmbeddingRow, EvidenceRow, SpaceRow

DIGEST_BYTES = 16


def read_whole(session: Session, video_id: str) -> IndexedVideo:
    """Read everything that was published of a video but its thumbnails.

    Raises:
        UnknownNameError: No video has this id.
    """
    row = catalogue.require_video(session, video_id)
    embeddings, spaces = _embeddings(session, row.id, video_id)
    evidence = catalogue.evidence(session, video_id, None, None)
    return IndexedVideo(
        video=video_record(row),
        clips=tuple(catalogue.clips(session, video_id, None)),
        evidence=tuple(evidence),
        spaces=spaces,
        embeddings=embeddings,
        stage_runs=tuple(catalogue.stage_runs(session, video_id)),
        summaries=tuple(catalogue.summaries(session, video_id, evidence)),
    )


def written_down(whole: IndexedVideo, thumbnails: Mapping[int, str]) -> Iterator[str]:
    """Write a video down, a line of JSON for each part, in an order of its own.

    Args:
        whole: Without thumbnails.
        thumbnails: Clip ordinal to file name, which names the content.
    """
    yield _line("video", _video(whole.video))
    for clip in sorted(whole.clips, key=lambda clip: clip.ordinal):
        yield _line("clip", {**_clip(clip), "thumbnail": thumbnails.get(clip.ordinal)})
    for evidence in sorted(whole.evidence, key=lambda part: (part.kind, part.ordinal)):
        yield _line("evidence", {"evidence_id": evidence.evidence_id, **spell_evidence(evidence)})
    for space in sorted(whole.spaces, key=lambda space: space.space_id):
        yield _line("space", spell_space(space))
    yield from sorted(_line("embedding", _embedding(part)) for part in whole.embeddings)
    yield from sorted(_line("summary", spell_summary(summary)) for summary in whole.summaries)
    for stage, key in sorted((run.stage, run.key) for run in whole.stage_runs):
        yield _line("stage", {"stage": stage, "key": key})


def content_digest(whole: IndexedVideo, thumbnails: Mapping[int, str]) -> str:
    """Digest what was published; where the file lies may change and does not count."""
    digest = blake2b(digest_size=DIGEST_BYTES)
    for number, line in enumerate(written_down(whole, thumbnails)):
        if number:
            digest.update(line.encode() + b"\n")
        else:
            digest.update(_line("video", {**_video(whole.video), "paths": None}).encode() + b"\n")
    return digest.hexdigest()


def _embeddings(
    session: Session, video: int, video_id: str
) -> tuple[tuple[Embedding, ...], tuple[Space, ...]]:
    statement = (
        select(EmbeddingRow, SpaceRow, ClipRow.ordinal, EvidenceRow.kind, EvidenceRow.ordinal)
        .join(SpaceRow, SpaceRow.id == EmbeddingRow.space)
        .join(ClipRow, ClipRow.id == EmbeddingRow.clip)
        .outerjoin(EvidenceRow, EvidenceRow.id == EmbeddingRow.evidence)
        .where(ClipRow.video == video)
        .order_by(EmbeddingRow.id)
    )
    spaces: dict[str, Space] = {}
    found = []
    for row, space, clip_ordinal, kind, ordinal in session.execute(statement):
        spaces.setdefault(space.space_id, space_record(space))
        found.append(
            Embedding(
                space_id=space.space_id,
                clip_ordinal=clip_ordinal,
                span=span_record(row.start_milliseconds, row.end_milliseconds),
                vector=np.frombuffer(row.vector, "<f2").astype(np.float32),
                evidence_id=None
                if kind is None
                else f"{video_id[:SHORT_ID_CHARACTERS]}/{kind}/{ordinal}",
            )
        )
    return tuple(found), tuple(spaces.values())


def _line(part: str, values: Mapping[str, Any]) -> str:
    return json.dumps({"part": part, **values}, sort_keys=True)


def _video(video: Video) -> dict[str, Any]:
    columns = video_columns(video)
    if columns["year"] is None:  # so that what was published before there were years still agrees
        del columns["year"]
    return columns


def _clip(clip: Clip) -> dict[str, Any]:
    return {"video_id": clip.video_id, "ordinal": clip.ordinal, **spell_span(clip.span)}


def _embedding(embedding: Embedding) -> dict[str, Any]:
    stored = embedding.vector.astype("<f2").tobytes()
    digest = blake2b(stored, digest_size=DIGEST_BYTES).hexdigest()
    return {**spell_embedding(embedding), "vector": digest}
