"""What a library holds, as values: the nouns that all rooms speak.

Identities are natural keys, not row numbers, so that an evidence bundle written today still
resolves after the video was indexed again by the same models.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from store.timespan import TimeSpan

SHORT_ID_CHARACTERS = 12


class EvidenceKind(StrEnum):
    """Where a piece of evidence comes from."""

    SPEECH = "speech"
    SUBTITLE = "subtitle"
    SCREEN_TEXT = "screen_text"
    TAG = "tag"
    CAPTION = "caption"
    SOUND = "sound"
    MUSIC = "music"


SPOKEN_KINDS = (EvidenceKind.SPEECH, EvidenceKind.SUBTITLE)
"""Sentences that somebody says, heard or written."""


@dataclass(frozen=True, slots=True)
class Skip:
    """A stage that found nothing to do, or could not do it, and why."""

    stage: str
    reason: str


@dataclass(frozen=True, slots=True)
class Video:
    """One media file, known by its content.

    Attributes:
        video_id: Hex digest of the content; two paths with the same bytes are one video.
        paths: Where it was seen, the latest first.
        frame_rate: Nominal frames per second; ``None`` where the container states none.
        start_timecode: As the source carries it, for example ``01:00:00:00``.
        skips: Stages without a result, with the reason a person is shown.
    """

    video_id: str
    paths: tuple[str, ...]
    title: str
    duration_seconds: float
    file_bytes: int
    frame_rate: Fraction | None = None
    width_pixels: int | None = None
    height_pixels: int | None = None
    video_codec: str | None = None
    audio_codec: str | None = None
    language: str | None = None
    start_timecode: str | None = None
    series: str | None = None
    season: int | None = None
    episode: int | None = None
    year: int | None = None
    skips: tuple[Skip, ...] = ()

    @property
    def path(self) -> str:
        """The path it was seen at last."""
        return self.paths[0]

    @property
    def short_id(self) -> str:
        """The first characters of the id: what people type and citations carry."""
        return self.video_id[:SHORT_ID_CHARACTERS]


@dataclass(frozen=True, slots=True)
class Clip:
    """The unit of indexing: some 4 to 30 seconds of one video, cut at shots and sentences."""

    video_id: str
    ordinal: int
    span: TimeSpan

    @property
    def clip_id(self) -> str:
        """For example ``3fa9c0d1e2b4/clip/7``."""
        return f"{self.video_id[:SHORT_ID_CHARACTERS]}/clip/{self.ordinal}"


@dataclass(frozen=True, slots=True)
class TimedWord:
    """One spoken word."""

    text: str
    span: TimeSpan


@dataclass(frozen=True, slots=True)
class Evidence:
    """One timed fact about a video.

    Attributes:
        ordinal: Position among the evidence of the same kind in this video, in time order from 0.
        clip_ordinal: The clip that holds most of ``span``.
        confidence: In ``[0, 1]`` as the source states it; ``None`` where it states none.
        source: Model and revision, or the file it was read from.
        words: Word times, for speech only.
    """

    video_id: str
    kind: EvidenceKind
    ordinal: int
    clip_ordinal: int
    span: TimeSpan
    text: str
    source: str
    confidence: float | None = None
    language: str | None = None
    speaker: str | None = None
    words: tuple[TimedWord, ...] = ()

    @property
    def evidence_id(self) -> str:
        """For example ``3fa9c0d1e2b4/speech/12``: what citations name."""
        return f"{self.video_id[:SHORT_ID_CHARACTERS]}/{self.kind}/{self.ordinal}"


class SummaryLevel(StrEnum):
    """How much of a video a summary stands for."""

    VIDEO = "video"
    SCENE = "scene"


@dataclass(frozen=True, slots=True)
class Summary:
    """What stands for a stretch of one video: its most central evidence, in time order."""

    video_id: str
    level: SummaryLevel
    ordinal: int  # scenes from 0; the video 0
    span: TimeSpan
    evidence: tuple[Evidence, ...]  # none where nothing is known of a scene


@dataclass(frozen=True, slots=True)
class Space:
    """One embedding space.

    Attributes:
        space_id: Unique in a library, for example ``text:all-MiniLM-L6-v2@53aa5117``.
        encoder_id: Model and revision that made the stored vectors.
        query_encoder_id: Model and revision that maps a text query into this space.
        dimension: ``D``.
        embeds: ``text`` or ``picture``.
    """

    space_id: str
    encoder_id: str
    query_encoder_id: str
    dimension: int
    embeds: str


@dataclass(frozen=True, slots=True, eq=False)
class Embedding:
    """One vector of a clip's picture or of one piece of evidence.

    Attributes:
        space_id: The space that ``vector`` lives in.
        clip_ordinal: The clip it counts for.
        evidence_id: The text that was embedded; ``None`` for a picture.
        span: What a hit on this vector points at.
        vector: ``(D,)`` float32 of unit L2 norm; stored in half precision.
    """

    space_id: str
    clip_ordinal: int
    span: TimeSpan
    vector: NDArray[np.float32]
    evidence_id: str | None = None


class StageState(StrEnum):
    """How far a stage of a video is."""

    RUNNING = "running"  # or was, when its process ended
    FINISHED = "finished"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StageResult:
    """What is known of one stage of one video; what it found is kept in parts beside it.

    Attributes:
        key: Hash of everything the result depends on; see ``indexer/stages.py``.
        attempt: From 1; how often the stage began under this key.
        seconds: Wall time of the attempt that finished or failed.
        error: Why it failed; empty unless it did.
        facts: What the key is a hash of, to tell why another key is wanted.
    """

    stage: str
    key: str
    state: StageState
    attempt: int
    seconds: float
    error: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StageRun:
    """One finished stage of one published video.

    Attributes:
        key: Hash of everything the result depends on; see ``indexer/stages.py``.
        seconds: Wall time it took.
    """

    stage: str
    key: str
    seconds: float


@dataclass(frozen=True, slots=True)
class IndexedVideo:
    """Everything that indexing one video made; published as a whole or not at all.

    Attributes:
        clips: In time order, ordinals ``0..S-1``.
        thumbnails: ``(clip ordinal, JPEG bytes)``.
        summaries: The video's first, then its scenes in time order; empty where none was built.
    """

    video: Video
    clips: tuple[Clip, ...]
    evidence: tuple[Evidence, ...]
    spaces: tuple[Space, ...]
    embeddings: tuple[Embedding, ...]
    stage_runs: tuple[StageRun, ...]
    thumbnails: tuple[tuple[int, bytes], ...] = ()
    summaries: tuple[Summary, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """Which part of a library a query may look at; the default is all of it.

    Attributes:
        video_ids: Full ids; ``None`` means every video, an empty tuple means none.
        within: Time range inside each video.
        up_to_episode: ``(season, episode)``; later episodes are left out, and so are videos
            without a number.
        from_episode: ``(season, episode)``; earlier episodes are left out, and so are videos
            without a number.
        phrases: Words in a row, as the full-text index reads them. A clip must hold each in some
            evidence, and only evidence that holds one is found.
        without: The same; a clip that holds one in any evidence is left out.
    """

    video_ids: tuple[str, ...] | None = None
    kinds: tuple[EvidenceKind, ...] | None = None
    within: TimeSpan | None = None
    series: str | None = None
    season: int | None = None
    up_to_episode: tuple[int, int] | None = None
    language: str | None = None
    speaker: str | None = None
    from_episode: tuple[int, int] | None = None
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """What one search of the store found.

    Attributes:
        evidence: The text that matched; ``None`` when a picture did.
        span: Of the evidence or the picture.
        score: Higher is better; BM25 (negated SQLite rank) or cosine, comparable within one result
            only.
    """

    clip: Clip
    span: TimeSpan
    score: float
    evidence: Evidence | None = None
