"""Subtitle files that are only named: a run notices them, and they speak for no copy of a film."""

from fractions import Fraction

import pytest

from indexer.options import IndexOptions
from indexer.pipeline import Indexer
from store.library import Library
from tests.faults.models import fake_models
from tests.films import write_film

CUE = "00:00:00,500 --> 00:00:01,500\nA red door.\n"


@pytest.fixture
def library(tmp_path):
    with Library.create(tmp_path / "library") as opened:
        yield opened


@pytest.fixture
def film(tmp_path):
    return write_film(tmp_path / "film.mp4", num_frames=20, rate=Fraction(10))


def index(library, film):
    (result,) = Indexer(library, fake_models(), IndexOptions()).index([film]).results
    assert not result.error


def planned(library, film):
    (plan,) = Indexer(library, fake_models(), IndexOptions()).plan([film])
    return {part.stage: part.reason for part in plan.stages}


def test_a_file_that_is_not_read_is_noticed_and_told(library, film):
    index(library, film)
    film.with_suffix(".sup").touch()
    assert planned(library, film)["subtitles"] == "film.sup is new"
    index(library, film)
    (video,) = library.videos()
    assert video.skips[0].reason.startswith("film.sup: bitmap subtitles, which are not read")
    assert planned(library, film) == {}


def test_the_copy_with_subtitles_that_can_be_read_counts(library, film, tmp_path):
    far = tmp_path / "far" / "film.mp4"
    far.parent.mkdir()
    far.write_bytes(film.read_bytes())
    far.with_suffix(".srt").write_text(CUE)
    for suffix in (".idx", ".sub"):
        film.with_suffix(suffix).touch()
    for copy in (film, far, film):
        index(library, copy)
    (video,) = library.videos()
    assert "A red door." in [found.text for found in library.evidence(video.video_id)]
    assert planned(library, film) == {}
