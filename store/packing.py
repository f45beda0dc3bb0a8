"""One video's index as three byte strings that any library can read; see ``store/unpacking.py``.

    records      JSON, a line for each part: the video, its stages, spaces, clips, evidence,
                 embeddings and summaries, by natural keys, times in milliseconds
    vectors      the embeddings' vectors in the order of their lines, little-endian float16
    thumbnails   the clips' JPEG files, one after the other; each clip's line says how long its is

Packing the same video gives the same bytes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from store.records import Clip, Evidence, IndexedVideo, StageRun
from store.rows import video_columns
from store.spelling import spell_embedding, spell_evidence, spell_space, spell_span, spell_summary


@dataclass(frozen=True, slots=True)
class PackedVideo:
    """What the module docstring says."""

    records: bytes
    vectors: bytes
    thumbnails: bytes


def pack(whole: IndexedVideo) -> PackedVideo:
    """Write a video down."""
    pictures = dict(whole.thumbnails)
    # The order of rows is not what a library knows, so it must not change what is written.
    embeddings = sorted(
        (_line("embedding", spell_embedding(part)), part.vector.astype("<f2").tobytes())
        for part in whole.embeddings
    )
    spaces = sorted(whole.spaces, key=lambda space: space.space_id)
    clips = sorted(whole.clips, key=lambda clip: clip.ordinal)
    evidence = sorted(whole.evidence, key=lambda part: (part.kind, part.ordinal))
    summaries = sorted(whole.summaries, key=lambda part: (part.level, part.ordinal))
    lines = [
        _line("video", video_columns(whole.video)),
        *(_line("stage", _stage(run)) for run in whole.stage_runs),
        *(_line("space", spell_space(space)) for space in spaces),
        *(_line("clip", _clip(clip, pictures)) for clip in clips),
        *(_line("evidence", _evidence(part)) for part in evidence),
        *(line for line, _ in embeddings),
        *(_line("summary", spell_summary(summary)) for summary in summaries),
    ]
    return PackedVideo(
        records="".join(lines).encode(),
        vectors=b"".join(vector for _, vector in embeddings),
        thumbnails=b"".join(jpeg for _, jpeg in sorted(pictures.items())),
    )


def _line(part: str, values: Mapping[str, Any]) -> str:
    return json.dumps({"part": part, **values}) + "\n"


def _stage(run: StageRun) -> dict[str, Any]:
    return {"stage": run.stage, "key": run.key, "seconds": run.seconds}


def _clip(clip: Clip, pictures: Mapping[int, bytes]) -> dict[str, Any]:
    jpeg = pictures.get(clip.ordinal)
    return {
        "ordinal": clip.ordinal,
        **spell_span(clip.span),
        "thumbnail_bytes": None if jpeg is None else len(jpeg),
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "kind": str(evidence.kind),
        "ordinal": evidence.ordinal,
        **spell_evidence(evidence),
    }
