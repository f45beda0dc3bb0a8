"""Captions by a model: what they re-run, that a stopped run goes on, and that they have vectors."""

from fractions import Fraction

import pytest

from indexer import memo
from indexer.clips import ClipOptions
from indexer.options import IndexOptions
from indexer.pipeline import Indexer
from indexer.speech import SpeechMode
from store.library import Library
from store.records import EvidenceKind
from tests.faults.models import fake_models
from tests.films import write_film
from tests.indexer.narrator import SPEECHLESS_FROM, Narrator, narrated_models

OPTIONS = IndexOptions(
    speech=SpeechMode.ALL, clips=ClipOptions(min_seconds=2.0, target_seconds=4.0, max_seconds=6.0)
)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("films") / "film.mp4"
    return write_film(path, num_frames=200, rate=Fraction(10), sound_seconds=20.0)


@pytest.fixture
def library(tmp_path):
    with Library.create(tmp_path / "library") as opened:
        yield opened


def indexer(library, narrator=None):
    models = fake_models() if narrator is None else narrated_models(narrator)
    return Indexer(library, models, OPTIONS)


def index(library, film, narrator=None):
    (result,) = indexer(library, narrator).index([film]).results
    assert not result.error
    return result.video.video_id


def planned(library, film, narrator=None):
    (plan,) = indexer(library, narrator).plan([film])
    return [part.stage for part in plan.stages]


def captions(library, video_id):
    return [each for each in library.evidence(video_id) if each.kind is EvidenceKind.CAPTION]


def test_a_caption_a_clip_or_none(library, film):
    narrator = Narrator()
    video_id = index(library, film, narrator)
    clips = library.clips(video_id)
    assert [clip.span.start_milliseconds for clip in clips] == [
        span.start_milliseconds for span in narrator.clips
    ]
    assert len(clips) >= 3
    told = [clip.ordinal for clip in clips if clip.span.start_seconds < SPEECHLESS_FROM]
    assert 2 <= len(told) < len(clips)
    found = captions(library, video_id)
    assert [each.clip_ordinal for each in found] == told
    assert {each.source for each in found} == {"narrator@1"}
    for clip, lines in zip(narrator.clips, narrator.said, strict=True):
        assert all(span.overlaps(clip) for span, _ in lines)
    assert narrator.numbers == [
        tuple(int(at * 10) for at in narrator.instants(clip)) for clip in narrator.clips
    ]
    assert any(text.startswith("a tone") for _, text in narrator.said[0])


def test_written_captions_have_vectors_and_composed_ones_do_not(library, film):
    video_id = index(library, film)
    embedded = {each.evidence_id for each in library.indexed_video(video_id).embeddings}
    composed = captions(library, video_id)
    assert composed
    assert not embedded & {each.evidence_id for each in composed}
    index(library, film, Narrator())
    embedded = {each.evidence_id for each in library.indexed_video(video_id).embeddings}
    written = captions(library, video_id)
    assert written
    assert embedded >= {each.evidence_id for each in written}


def test_another_captioner_redoes_captions_and_what_uses_them(library, film):
    index(library, film)
    changed = ["captions", "embed", "summary", "publish"]
    assert planned(library, film, Narrator()) == changed
    index(library, film, Narrator())
    assert planned(library, film, Narrator()) == []
    assert planned(library, film, Narrator("narrator@2")) == changed
    assert planned(library, film) == changed


def test_an_interrupted_run_goes_on(library, film, tmp_path, monkeypatch):
    monkeypatch.setattr(memo, "SAVE_SECONDS", 0.0)
    first = Narrator(stops_at=2)
    with pytest.raises(KeyboardInterrupt):
        index(library, film, first)
    again, whole = Narrator(), Narrator()
    index(library, film, again)
    with Library.create(tmp_path / "undisturbed") as other:
        index(other, film, whole)
        assert list(library.dump()) == list(other.dump())
    assert [*first.clips, *again.clips] == whole.clips
