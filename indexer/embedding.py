"""The embed stage: evidence text into the text space, kept frames into the picture space."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.interfaces import PictureHead, TextEncoder
from store.records import Clip, Embedding, Evidence, EvidenceKind, Space
from store.timespan import TimeSpan

# A composed caption repeats the tags and the screen text, which are embedded themselves, and says
# of most clips only how they look: its vector sits near every query for a picture.
EMBEDDED_KINDS = frozenset(EvidenceKind) - {EvidenceKind.CAPTION}
SPOKEN_KINDS = frozenset({EvidenceKind.SPEECH, EvidenceKind.SUBTITLE})
BATCH_TEXTS = 64


@dataclass(frozen=True, slots=True, eq=False)
class PictureVectors:
    """The kept frames of one video in the picture space.

    Attributes:
        spans: How long each frame stands for what is on screen, in time order.
        vectors: ``(N, D)`` float32, rows of unit L2 norm.
    """

    spans: tuple[TimeSpan, ...]
    vectors: NDArray[np.float32]


def text_space(encoder: TextEncoder) -> Space:
    """Describe the space of a text encoder."""
    return Space(
        space_id=f"text:{encoder.encoder_id}",
        encoder_id=encoder.encoder_id,
        query_encoder_id=encoder.encoder_id,
        dimension=encoder.dimension,
        embeds="text",
    )


def picture_space(head: PictureHead) -> Space:
    """Describe the space of a picture head."""
    return Space(
        space_id=f"picture:{head.encoder_id}",
        encoder_id=head.encoder_id,
        query_encoder_id=head.query_encoder_id,
        dimension=head.dimension,
        embeds="picture",
    )


def embed_evidence(evidence: Sequence[Evidence], encoder: TextEncoder) -> list[Embedding]:
    """Embed evidence; a spoken sentence together with its neighbours.

    A sentence alone often lacks its subject ("She was born in Elmira"), so the sentences before and
    after it in the same clip are embedded with it, while the vector still points at it alone.
    """
    chosen = [found for found in evidence if found.kind in EMBEDDED_KINDS]
    texts = texts_in_context(chosen)
    space_id = text_space(encoder).space_id
    embedded: list[Embedding] = []
    for start in range(0, len(chosen), BATCH_TEXTS):
        batch = chosen[start : start + BATCH_TEXTS]
        vectors = encoder.encode_text(texts[start : start + BATCH_TEXTS])
        embedded.extend(
            Embedding(space_id, found.clip_ordinal, found.span, vector, found.evidence_id)
            for found, vector in zip(batch, vectors, strict=True)
        )
    return embedded


def texts_in_context(evidence: Sequence[Evidence]) -> list[str]:
    """Put each piece of evidence into the words that are embedded for it, in input order.

    Args:
        evidence: Of one video, in time order per kind and language.
    """
    lines: dict[tuple[EvidenceKind, str | None, int], list[int]] = defaultdict(list)
    for position, found in enumerate(evidence):
        if found.kind in SPOKEN_KINDS:
            lines[found.kind, found.language, found.clip_ordinal].append(position)
    texts = [found.text for found in evidence]
    in_context = list(texts)
    for line in lines.values():
        for place, position in enumerate(line):
            near = line[max(0, place - 1) : place + 2]
            in_context[position] = " ".join(texts[neighbour] for neighbour in near)
    return in_context


def place_pictures(
    pictures: PictureVectors, clips: Sequence[Clip], head: PictureHead
) -> list[Embedding]:
    """Give every picture vector to the clip on screen at its middle."""
    space_id = picture_space(head).space_id
    starts = np.array([clip.span.start_seconds for clip in clips])
    middles = np.array([span.middle_seconds for span in pictures.spans])
    owners = np.clip(np.searchsorted(starts, middles, side="right") - 1, 0, len(clips) - 1)
    return [
        Embedding(space_id, clips[owner].ordinal, span, vector)
        for owner, span, vector in zip(owners, pictures.spans, pictures.vectors, strict=True)
    ]
