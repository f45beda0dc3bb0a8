"""Search by meaning: the query as a vector in every space that its encoder reaches."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retriever.interfaces import QueryEncoder
from retriever.source import Source, SourceHits
from store.records import SPOKEN_KINDS, Clip, Hit, Scope

if TYPE_CHECKING:
    from store.library import Library


def search_dense(
    library: "Library",
    encoders: Mapping[str, QueryEncoder],
    sources: Sequence[Source],
    text: str,
    depth: int,
    scope: Scope,
) -> list[SourceHits]:
    """Search embedding spaces; the text is encoded once for each encoder, not for each space.

    Args:
        library: Open.
        encoders: By encoder id.
        sources: All have a space, and an encoder in ``encoders``.
        text: The query on one line.
        depth: Most hits wanted from each space.
        scope: What part of the library to look at.

    Returns:
        One result for each source, in order.

    Raises:
        EncoderMismatchError: An encoder is not the one that its space was built for.
    """
    vectors: dict[str, NDArray[np.float32]] = {}
    results = []
    for source in sources:
        if source.space is None:
            raise ValueError(f"source {source.name} has no embedding space")
        wanted = source.space.query_encoder_id
        encoder = encoders[wanted]
        if wanted not in vectors:
            vectors[wanted] = encoder.encode_text([text])
        [hits] = library.search_vectors(
            source.space.space_id,
            vectors[wanted],
            depth,
            scope,
            query_encoder_id=encoder.encoder_id,
        )
        results.append(SourceHits(source, tuple(hits), vectors[wanted]))
    return results


def score_lines(library: "Library", result: SourceHits, clips: Sequence[Clip]) -> list[Hit]:
    """Score all that is said in some clips, also what was too far from the query to be found.

    Args:
        library: Open.
        result: Of a space of texts.
        clips: Whose speech and subtitles are wanted.
    """
    space = result.source.space
    if space is None or result.vector is None or not clips:
        return []
    return library.score_clips(
        space.space_id,
        result.vector,
        clips,
        SPOKEN_KINDS,
        query_encoder_id=space.query_encoder_id,
    )
