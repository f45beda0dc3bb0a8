"""Indexed videos small enough to check by hand."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from store.records import (
    Clip,
    Embedding,
    Evidence,
    EvidenceKind,
    IndexedVideo,
    Space,
    StageRun,
    Video,
)
from store.timespan import TimeSpan

TEXT = Space("text:mini@1", "mini@1", "mini@1", 4, "text")


def small_video(
    letter: str,
    sentences: Sequence[str] = ("a red door",),
    *,
    vectors: np.ndarray | None = None,
    kind: EvidenceKind = EvidenceKind.SPEECH,
    said_in: str | None = None,
    speaker: str | None = None,
    **about: Any,
) -> IndexedVideo:
    """Make a video of one sentence a second, each its own clip, with a text vector."""
    video_id = letter * 32
    clips, evidence, embeddings = [], [], []
    for i, said in enumerate(sentences):
        span = TimeSpan(float(i), i + 1.0)
        clips.append(Clip(video_id, i, span))
        evidence.append(Evidence(video_id, kind, i, i, span, said, "m@1", None, said_in, speaker))
        vector = np.eye(4, dtype=np.float32)[0] if vectors is None else vectors[i]
        embeddings.append(Embedding(TEXT.space_id, i, span, vector, evidence[-1].evidence_id))
    space = Space(TEXT.space_id, "mini@1", "mini@1", len(embeddings[0].vector), "text")
    video = Video(video_id, (f"/films/{letter}.mp4",), f"Film {letter}", 9.0, 1, **about)
    runs = (StageRun("probe", f"key of {sentences[0]}", 0.5),)
    return IndexedVideo(video, tuple(clips), tuple(evidence), (space,), tuple(embeddings), runs)
