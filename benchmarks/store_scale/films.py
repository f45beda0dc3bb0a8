"""A made-up video as the indexer would hand it to the store."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from benchmarks.store_scale.models import embedded_labels, picture_head, query_encoder
from benchmarks.store_scale.pictures import PictureSynthesis
from benchmarks.store_scale.plan import (
    CLIP_SECONDS,
    CLIPS_PER_VIDEO,
    KINDS,
    PICTURE,
    TEXT,
    VIDEO_SECONDS,
    Plan,
    Position,
    plan_of,
    positions,
    video_id,
)
from benchmarks.store_scale.seeds import Seeds, make_seeds
from benchmarks.store_scale.synthesis import TextSynthesis
from indexer.embedding import picture_space, text_space
from store.records import (
    Clip,
    Embedding,
    Evidence,
    EvidenceKind,
    IndexedVideo,
    Space,
    TimedWord,
    Video,
)
from store.timespan import TimeSpan

SOURCE = "made up"


@dataclass(frozen=True, slots=True, eq=False)
class Film:
    """One video's index, and its vectors by space in row order."""

    indexed: IndexedVideo
    vectors: dict[str, NDArray[np.float32]]


class FilmMaker:
    """Makes any video of any plan; the same number gives the same video.

    Args:
        seeds: What texts are made of.
        texts: Makes texts.
        pictures: Makes pictures.
        spaces: The text space and the picture space.
    """

    def __init__(
        self,
        seeds: Seeds,
        texts: TextSynthesis,
        pictures: PictureSynthesis,
        spaces: Sequence[Space],
    ) -> None:
        self.seeds = seeds
        self.texts = texts
        self.spaces = tuple(spaces)
        self.dimension = self.spaces[0].dimension
        self._pictures = pictures
        self._space_ids = {space.embeds: space.space_id for space in spaces}

    @classmethod
    def of(cls, num_seeds: int, cache: Path) -> Self:
        """Make a maker from as many really embedded sentences, kept in ``cache``."""
        seeds = make_seeds(num_seeds, cache)
        head = picture_head(cache)
        pictures = PictureSynthesis(head, embedded_labels(cache))
        spaces = (text_space(query_encoder()), picture_space(head))
        return cls(seeds, TextSynthesis(seeds), pictures, spaces)

    def film(self, number: int, pictures_per_clip: int) -> Film:
        """Make a video."""
        plan = Plan(plan_of(1).num_texts, pictures_per_clip)
        texts, text_vectors = self.texts.video(number)
        picture_vectors = self._pictures.video(number, plan.num_rows(PICTURE))
        name = video_id(number)
        evidence = _evidence(name, texts, positions(plan, TEXT))
        embeddings = [
            Embedding(self._space_ids[TEXT], piece.clip_ordinal, piece.span, row, piece.evidence_id)
            for piece, row in zip(evidence, text_vectors, strict=True)
        ]
        embeddings += [
            Embedding(self._space_ids[PICTURE], position.clip_ordinal, position.span, row)
            for position, row in zip(positions(plan, PICTURE), picture_vectors, strict=True)
        ]
        indexed = IndexedVideo(
            video=_video(name, number),
            clips=tuple(
                Clip(name, i, TimeSpan(i * CLIP_SECONDS, (i + 1) * CLIP_SECONDS))
                for i in range(CLIPS_PER_VIDEO)
            ),
            evidence=tuple(evidence),
            spaces=self.spaces,
            embeddings=tuple(embeddings),
            stage_runs=(),
        )
        return Film(indexed, {TEXT: text_vectors, PICTURE: picture_vectors})


def _video(name: str, number: int) -> Video:
    return Video(name, (f"/made-up/{number:06}.mp4",), f"Film {number}", VIDEO_SECONDS, 1)


def _evidence(name: str, texts: Sequence[str], places: Sequence[Position]) -> list[Evidence]:
    counts = dict.fromkeys(EvidenceKind, 0)
    evidence = []
    for text, position in zip(texts, places, strict=True):
        kind = KINDS[position.place]
        words = _words(text, position.span) if kind is EvidenceKind.SPEECH else ()
        evidence.append(
            Evidence(
                video_id=name,
                kind=kind,
                ordinal=counts[kind],
                clip_ordinal=position.clip_ordinal,
                span=position.span,
                text=text,
                source=SOURCE,
                confidence=0.9,
                language="en",
                words=words,
            )
        )
        counts[kind] += 1
    return evidence


def _words(text: str, span: TimeSpan) -> tuple[TimedWord, ...]:
    """Spread the words of a sentence evenly over its span, as speech recognition times them."""
    words = text.split()
    bounds = np.linspace(span.start_seconds, span.end_seconds, len(words) + 1).tolist()
    return tuple(
        TimedWord(word, TimeSpan(bounds[i], bounds[i + 1])) for i, word in enumerate(words)
    )
