"""A library made from a written timeline: what perfect ears and eyes would have found in a film."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from retriever.interfaces import QueryEncoder
from store.library import Library
from store.records import (
    Clip,
    Embedding,
    Evidence,
    EvidenceKind,
    IndexedVideo,
    Space,
    Video,
)
from store.timespan import TimeSpan

CLIP_SECONDS = 12.0


@dataclass(frozen=True, slots=True)
class Line:
    """One timed fact before it is evidence."""

    span: TimeSpan
    kind: EvidenceKind
    text: str


def films_of(path: Path) -> list[tuple[str, float, list[Line]]]:
    """Read ``development/films.json``: title, duration, lines."""
    films = json.loads(path.read_text("utf-8"))["films"]
    return [
        (film["title"], film["duration_seconds"], [_line(*row) for row in film["evidence"]])
        for film in films
    ]


def film_of_truth(path: Path) -> tuple[str, float, list[Line]]:
    """Read a sample film's ``truth.json``: what is said and written, and shown as captions."""
    truth = json.loads(path.read_text("utf-8"))
    lines = [_truth_line(row, EvidenceKind.SPEECH, "text") for row in truth["said"]]
    lines += [_truth_line(row, EvidenceKind.SCREEN_TEXT, "text") for row in truth["written"]]
    lines += [_truth_line(row, EvidenceKind.CAPTION, "description") for row in truth["shown"]]
    return truth["title"], truth["duration_seconds"], lines


def publish(
    library: Library,
    title: str,
    duration_seconds: float,
    lines: Sequence[Line],
    encoder: QueryEncoder,
) -> None:
    """Put one timeline into a library, with a text space."""
    video_id = blake2b(title.encode(), digest_size=32).hexdigest()
    spans = [
        TimeSpan(start, min(start + CLIP_SECONDS, duration_seconds))
        for start in np.arange(0.0, duration_seconds, CLIP_SECONDS).tolist()
    ]
    evidence = _evidence(video_id, sorted(lines, key=lambda line: line.span), len(spans))
    rows = encoder.encode_text([piece.text for piece in evidence])
    space = Space(
        f"text:{encoder.encoder_id}", encoder.encoder_id, encoder.encoder_id, rows.shape[1], "text"
    )
    library.publish(
        IndexedVideo(
            video=Video(video_id, (f"/trial/{title}.mp4",), title, duration_seconds, 1),
            clips=tuple(Clip(video_id, i, span) for i, span in enumerate(spans)),
            evidence=tuple(evidence),
            spaces=(space,),
            embeddings=tuple(
                Embedding(space.space_id, piece.clip_ordinal, piece.span, row, piece.evidence_id)
                for piece, row in zip(evidence, rows, strict=True)
                if piece.kind is not EvidenceKind.TAG
            ),
            stage_runs=(),
        )
    )


def _evidence(video_id: str, lines: Sequence[Line], num_clips: int) -> list[Evidence]:
    counts: dict[EvidenceKind, int] = {}
    evidence = []
    for line in lines:
        ordinal = counts.get(line.kind, 0)
        counts[line.kind] = ordinal + 1
        clip = min(num_clips - 1, int(line.span.middle_seconds // CLIP_SECONDS))
        evidence.append(Evidence(video_id, line.kind, ordinal, clip, line.span, line.text, "trial"))
    return evidence


def _line(start: float, end: float, kind: str, text: str) -> Line:
    return Line(TimeSpan(start, end), EvidenceKind(kind), text)


def _truth_line(row: dict[str, Any], kind: EvidenceKind, key: str) -> Line:
    text = " ".join(row[key].split())
    return Line(TimeSpan(row["start_seconds"], row["end_seconds"]), kind, text)
