"""The embed stage: evidence text into the text space, kept frames into the picture space."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.captions import SOURCE
from indexer.interfaces import PictureHead, TextEncoder
from indexer.models import IndexerModels, OnDemand
from indexer.payloads import pack, unpack
from store.records import SPOKEN_KINDS, Clip, Embedding, Evidence, EvidenceKind, Space
from store.timespan import TimeSpan

BATCH_TEXTS = 64
DIGEST_BYTES = 16

Half = NDArray[np.float16]


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


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """What the embed stage left behind, under whatever key.

    Attributes:
        values: The spaces, what made the vectors, and which frames the pictures are of.
        texts: Digest of a text to its ``(D,)`` float16 vector.
        pictures: ``(N, D)`` float16.
    """

    values: Mapping[str, Any]
    texts: Mapping[bytes, Half]
    pictures: Half

    def is_of(self, space: str, model_id: str) -> bool:
        """Say whether the vectors of ``text`` or ``picture`` are of a model."""
        return bool(self.values) and self.values["models"][space] == model_id


def memory_of(parts: Sequence[bytes]) -> Memory:
    """Read what an earlier run of the embed stage left, if any."""
    if not parts:
        return Memory({}, {}, np.zeros((0, 0), np.float16))
    values, arrays = unpack(parts[0])
    digests = (row.tobytes() for row in arrays["digests"])
    return Memory(values, dict(zip(digests, arrays["texts"], strict=True)), arrays["pictures"])


def embed(
    evidence: Sequence[Evidence],
    pictures: Half,
    pictures_id: str,
    models: IndexerModels,
    memory: Memory,
) -> bytes:
    """Embed the pictures and the evidence of one video, spoken sentences with their neighbours.

    A sentence alone often lacks its subject ("She was born in Elmira"), so the sentences before and
    after it in the same clip are embedded with it, while the vector still points at it alone.

    Args:
        evidence: Of one video, in time order per kind and language.
        pictures: ``(N, 1000)`` class probabilities of its kept frames.
        pictures_id: Names these pictures.
        models: Not loaded where the memory holds all that they would say.
        memory: What an earlier run left.

    Returns:
        What ``embeddings_of`` and ``memory_of`` read.
    """
    texts = texts_in_context([found for found in evidence if is_embedded(found)])
    space, digests, vectors = _texts(texts, models.text_encoder, memory)
    seen_space, seen = _pictures(pictures, pictures_id, models.picture_head, memory)
    made_by = {"text": models.text_encoder.model_id, "picture": models.picture_head.model_id}
    return pack(
        {
            "text": space,
            "picture": seen_space,
            "models": made_by,
            "pictures_id": pictures_id,
        },
        {
            "digests": np.frombuffer(b"".join(digests), np.uint8).reshape(-1, DIGEST_BYTES),
            "texts": vectors,
            "pictures": seen,
        },
    )


def _texts(
    texts: Sequence[str], encoder: OnDemand[TextEncoder], memory: Memory
) -> tuple[dict[str, Any], list[bytes], Half]:
    is_known = memory.is_of("text", encoder.model_id)
    vectors = dict(memory.texts) if is_known else {}
    digests = [_digest(text) for text in texts]
    missing = {
        digest: text for digest, text in zip(digests, texts, strict=True) if digest not in vectors
    }
    if is_known and not missing:
        space = memory.values["text"]
    else:
        space = asdict(text_space(encoder.get()))
        vectors |= _encoded(missing, encoder.get())
    rows = [vectors[digest] for digest in digests]
    return space, digests, np.stack(rows) if rows else np.zeros((0, 0), np.float16)


def _pictures(
    pictures: Half, pictures_id: str, head: OnDemand[PictureHead], memory: Memory
) -> tuple[dict[str, Any], Half]:
    is_known = memory.is_of("picture", head.model_id)
    if is_known and memory.values["pictures_id"] == pictures_id:
        return memory.values["picture"], memory.pictures
    space = asdict(picture_space(head.get()))
    if not len(pictures):
        return space, np.zeros((0, 0), np.float16)
    return space, head.get().embed(pictures).astype(np.float16)


def embeddings_of(
    payload: bytes,
    evidence: Sequence[Evidence],
    clips: Sequence[Clip],
    picture_spans: Sequence[TimeSpan],
) -> tuple[tuple[Space, ...], tuple[Embedding, ...]]:
    """Give every vector of the embed stage its place.

    Args:
        payload: What ``embed`` returned for this evidence.
        evidence: All of the video.
        clips: In time order.
        picture_spans: For how long each kept frame stands for what is on screen.

    Returns:
        The spaces that hold one of them, and the vectors.
    """
    values, arrays = unpack(payload)
    text, picture = Space(**values["text"]), Space(**values["picture"])
    chosen = [found for found in evidence if is_embedded(found)]
    texts, pictures = (arrays[name].astype(np.float32) for name in ("texts", "pictures"))
    embedded = [
        Embedding(text.space_id, found.clip_ordinal, found.span, vector, found.evidence_id)
        for found, vector in zip(chosen, texts, strict=True)
    ]
    owners = _owners(picture_spans, clips)
    embedded += [
        Embedding(picture.space_id, clips[owner].ordinal, span, vector)
        for owner, span, vector in zip(owners, picture_spans, pictures, strict=True)
    ]
    used = {embedding.space_id for embedding in embedded}
    spaces = tuple(space for space in (text, picture) if space.space_id in used)
    return spaces, tuple(embedded)


def is_embedded(found: Evidence) -> bool:
    """Say whether a piece of evidence has a vector: all but composed captions.

    Those repeat the tags and the screen text, which are embedded themselves, and say of most clips
    only how they look: their vectors sit near every query for a picture.
    """
    return found.kind is not EvidenceKind.CAPTION or found.source != SOURCE


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


def _owners(spans: Sequence[TimeSpan], clips: Sequence[Clip]) -> list[int]:
    """Find for every picture the clip on screen at its middle."""
    starts = np.array([clip.span.start_seconds for clip in clips])
    middles = np.array([span.middle_seconds for span in spans])
    owners = np.searchsorted(starts, middles, side="right") - 1
    found: list[int] = np.clip(owners, 0, len(clips) - 1).tolist()
    return found


def _encoded(texts: Mapping[bytes, str], encoder: TextEncoder) -> dict[bytes, Half]:
    digests = list(texts)
    vectors: dict[bytes, Half] = {}
    for start in range(0, len(digests), BATCH_TEXTS):
        batch = digests[start : start + BATCH_TEXTS]
        rows = encoder.encode_text([texts[digest] for digest in batch]).astype(np.float16)
        vectors |= zip(batch, rows, strict=True)
    return vectors


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).digest()
