"""The embed stage: evidence text into the text space, kept frames into the picture space."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.interfaces import PictureHead, TextEncoder
from store.records import Clip, Embedding, Evidence, EvidenceKind, Space
from store.timespan import TimeSpan

# A tag is one word that lexical search finds and the picture space already holds.
EMBEDDED_KINDS = frozenset(EvidenceKind) - {EvidenceKind.TAG}
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
    """Embed each piece of evidence that has more than a word to say."""
    chosen = [found for found in evidence if found.kind in EMBEDDED_KINDS]
    space_id = text_space(encoder).space_id
    embedded: list[Embedding] = []
    for start in range(0, len(chosen), BATCH_TEXTS):
        batch = chosen[start : start + BATCH_TEXTS]
        vectors = encoder.encode_text([found.text for found in batch])
        embedded.extend(
            Embedding(space_id, found.clip_ordinal, found.span, vector, found.evidence_id)
            for found, vector in zip(batch, vectors, strict=True)
        )
    return embedded


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
