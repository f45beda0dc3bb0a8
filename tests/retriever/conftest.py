"""A small film in a real library: four clips, two of them about coffee."""

from collections.abc import Iterator

import pytest

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
from tests.fakes import HashingEncoder

CLIP_SECONDS = 8.0
# (kind, start, end, text): what is said and written, clip by clip.
KITCHEN = (
    (EvidenceKind.SPEECH, 1.0, 4.0, "a small cup of coffee stands on the table"),
    (EvidenceKind.SPEECH, 5.0, 7.5, "beside it lies a silver spoon"),
    (EvidenceKind.SCREEN_TEXT, 8.0, 12.0, "Chapter two: the rocket"),
    (EvidenceKind.SPEECH, 12.5, 15.5, "engines burn for eight minutes"),
    (EvidenceKind.SPEECH, 17.0, 20.0, "the cat sleeps in the sun"),
    (EvidenceKind.SPEECH, 25.0, 28.0, "farmers dry coffee beans on a roof"),
    (EvidenceKind.SPEECH, 28.3, 31.0, "coffee beans turn red before they dry"),
)
# (start, end, what the picture shows)
PICTURES = (
    (0.0, 8.0, "espresso cup"),
    (8.0, 12.0, "title"),
    (12.0, 16.0, "missile rocket"),
    (16.0, 20.0, "tabby cat"),
    (20.0, 24.0, "tabby cat pillow"),
    (24.0, 32.0, "roof"),
)


def make_video(video_id: str, title: str, encoder: HashingEncoder) -> IndexedVideo:
    """Make a video of four clips that says ``KITCHEN`` and shows ``PICTURES``."""
    text = Space(f"text:{encoder.encoder_id}", encoder.encoder_id, encoder.encoder_id, 64, "text")
    picture = Space("picture:fake@1", "fake@1", encoder.encoder_id, 64, "picture")
    clips = tuple(
        Clip(video_id, number, TimeSpan(number * CLIP_SECONDS, (number + 1) * CLIP_SECONDS))
        for number in range(4)
    )
    counts = dict.fromkeys(EvidenceKind, -1)
    evidence = []
    for kind, start, end, words in KITCHEN:
        counts[kind] += 1
        evidence.append(
            Evidence(
                video_id,
                kind,
                counts[kind],
                int(start // CLIP_SECONDS),
                TimeSpan(start, end),
                words,
                "fake",
            )
        )
    said = encoder.encode_text([line.text for line in evidence])
    shown = encoder.encode_text([words for _, _, words in PICTURES])
    embeddings = [
        Embedding(text.space_id, line.clip_ordinal, line.span, vector, line.evidence_id)
        for line, vector in zip(evidence, said, strict=True)
    ]
    embeddings += [
        Embedding(picture.space_id, int(start // CLIP_SECONDS), TimeSpan(start, end), vector)
        for (start, end, _), vector in zip(PICTURES, shown, strict=True)
    ]
    return IndexedVideo(
        video=Video(video_id, (f"/films/{title}.mp4",), title, 32.0, 1_000),
        clips=clips,
        evidence=tuple(evidence),
        spaces=(text, picture),
        embeddings=tuple(embeddings),
        stage_runs=(),
    )


@pytest.fixture(scope="session")
def encoder() -> HashingEncoder:
    return HashingEncoder()


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory, encoder: HashingEncoder) -> Iterator[Library]:
    """Open for reading by every test; made once."""
    with Library.create(tmp_path_factory.mktemp("retriever") / "library") as made:
        made.publish(make_video("ab" * 32, "Kitchen", encoder))
        yield made
