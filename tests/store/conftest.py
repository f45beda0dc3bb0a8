"""Libraries and videos small enough to check by hand."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from store.layout import LibrarySettings
from store.library import Library
from store.records import (
    Clip,
    Embedding,
    Evidence,
    EvidenceKind,
    IndexedVideo,
    Skip,
    Space,
    StageRun,
    Summary,
    SummaryLevel,
    TimedWord,
    Video,
)
from store.timespan import TimeSpan
from tests.small_videos import TEXT, small_video

PICTURE = Space("picture:head@1", "head@1", "mini@1", 4, "picture")


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.postgres),
        pytest.param("pgvector", marks=pytest.mark.pgvector),
    ]
)
def place(request: pytest.FixtureRequest) -> LibrarySettings:
    """Where a library keeps catalogue and vectors: the same tests run on both databases."""
    if request.param == "sqlite":
        return LibrarySettings()
    if request.param == "pgvector":
        server = request.getfixturevalue("pgvector")
        return LibrarySettings(catalogue=server.new_database(), vectors="pgvector")
    return LibrarySettings(catalogue=request.getfixturevalue("postgresql").new_database())


@pytest.fixture
def library(tmp_path: Path, place: LibrarySettings) -> Iterator[Library]:
    with Library.create(tmp_path / "library", settings=place) as made:
        yield made


@pytest.fixture
def sqlite_library(tmp_path: Path) -> Iterator[Library]:
    """A library for tests of what only SQLite has."""
    with Library.create(tmp_path / "library") as made:
        yield made


@pytest.fixture
def sql() -> Callable[..., list[tuple[object, ...]]]:
    """Run a statement on a library's catalogue behind the store's back."""

    def run(library: Library, statement: str, **parameters: object) -> list[tuple[object, ...]]:
        with library._database.writing() as session:
            found = session.execute(text(statement), parameters)
            return [tuple(row) for row in found] if found.returns_rows else []

    return run


def unit(*numbers: float) -> np.ndarray:
    """Numbers of small powers of two survive half precision unchanged."""
    return np.array(numbers, dtype=np.float32)


@pytest.fixture
def full_video() -> IndexedVideo:
    """Every field of every record holds something other than its default."""
    video_id = "0123456789abcdef" * 2
    clips = (Clip(video_id, 0, TimeSpan(0.0, 8.5)), Clip(video_id, 1, TimeSpan(8.5, 20.0)))
    speech = Evidence(
        video_id=video_id,
        kind=EvidenceKind.SPEECH,
        ordinal=0,
        clip_ordinal=0,
        span=TimeSpan(1.25, 3.75),
        text="They argued in the kitchen.",
        source="whisper-tiny.en@1",
        confidence=0.875,
        language="en",
        speaker="JON",
        words=(
            TimedWord("They", TimeSpan(1.25, 1.5)),
            TimedWord("argued", TimeSpan(1.5, 2.001)),
        ),
    )
    sign = Evidence(
        video_id, EvidenceKind.SCREEN_TEXT, 0, 1, TimeSpan(9.0, 9.0), "CAFÉ «Zoë»", "ocr@2"
    )
    video = Video(
        video_id=video_id,
        paths=("/films/new\nline 'x' \U0001f3ac.mkv", "/films/öld \udcff.mkv"),
        title="Ein Film",
        duration_seconds=20.021,
        file_bytes=2**40,
        frame_rate=Fraction(30000, 1001),
        width_pixels=640,
        height_pixels=360,
        video_codec="h264",
        audio_codec="aac",
        language="de",
        start_timecode="01:00:00:00",
        series="Serie",
        season=2,
        episode=5,
        skips=(Skip("speech", "the model does not know German"),),
    )
    return IndexedVideo(
        video=video,
        clips=clips,
        evidence=(speech, sign),
        spaces=(TEXT, PICTURE),
        embeddings=(
            Embedding(TEXT.space_id, 0, speech.span, unit(1, 0, 0, 0), speech.evidence_id),
            Embedding(TEXT.space_id, 1, sign.span, unit(0.5, 0.5, 0.5, 0.5), sign.evidence_id),
            Embedding(PICTURE.space_id, 1, TimeSpan(9.0, 11.0), unit(0, 1, 0, 0)),
        ),
        stage_runs=(StageRun("probe", "k1", 0.25), StageRun("embed", "k2", 1.5)),
        thumbnails=((0, b"\xff\xd8first"), (1, b"\xff\xd8second")),
        summaries=(
            Summary(video_id, SummaryLevel.VIDEO, 0, TimeSpan(0.0, 20.0), (speech, sign)),
            Summary(video_id, SummaryLevel.SCENE, 0, TimeSpan(0.0, 8.5), (speech,)),
            Summary(video_id, SummaryLevel.SCENE, 1, TimeSpan(8.5, 20.0), (sign,)),
        ),
    )


@pytest.fixture
def make_video() -> Callable[..., IndexedVideo]:
    return small_video
