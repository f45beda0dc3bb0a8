"""Which language a video is shown to be in: that of its sound, and none where nobody knows."""

from dataclasses import replace
from fractions import Fraction

import pytest

from indexer.findings import Finding
from indexer.options import IndexOptions
from indexer.pipeline import Indexer
from indexer.publishing import known_language
from indexer.speech import SpeechMode
from store.library import Library
from store.records import EvidenceKind
from store.timespan import TimeSpan
from tests.faults.models import fake_models
from tests.films import write_film
from tests.subtitled_films import Track, write_subtitled_film

CUE = "00:00:00,500 --> 00:00:01,500\n{}\n"


def shown(tmp_path, film, **options):
    with Library.create(tmp_path / "library") as library:
        indexer = Indexer(library, fake_models(), replace(IndexOptions(), **options))
        (result,) = indexer.index([film]).results
        assert not result.error
        return library.videos()[0].language


def sounding(tmp_path, *languages, stated=None):
    for language in languages:
        (tmp_path / f"film.{language}.srt").write_text(CUE.format(f"Said in {language}."))
    path = tmp_path / "film.mp4"
    return write_film(path, num_frames=40, rate=Fraction(10), sound_seconds=4.0, language=stated)


def test_what_was_heard_goes_before_the_subtitles(tmp_path):
    film = sounding(tmp_path, "de", "en", "fr", "ru")
    assert shown(tmp_path, film, speech=SpeechMode.ALL) == "en"


def test_what_is_stated_goes_before_what_was_heard(tmp_path):
    film = sounding(tmp_path, "de", stated="fra")
    assert shown(tmp_path, film, speech=SpeechMode.ALL) == "fr"


def test_an_option_goes_before_what_the_file_states(tmp_path):
    film = sounding(tmp_path, "de", stated="fra")
    assert shown(tmp_path, film, language="it") == "it"


@pytest.mark.parametrize(("languages", "expected"), [(("de",), "de"), (("de", "en"), None)])
def test_subtitles_say_it_only_where_they_are_in_one_language(tmp_path, languages, expected):
    film = sounding(tmp_path, *languages)
    assert shown(tmp_path, film, speech=SpeechMode.OFF) == expected


def test_several_tracks_of_subtitles_say_nothing_of_the_sound(tmp_path):
    film = write_subtitled_film(
        tmp_path / "film.mkv",
        Track("subrip", ((0, 500, b"Hallo"),), "ger"),
        Track("subrip", ((0, 500, b"Hello"),), "eng"),
    )
    assert shown(tmp_path, film) is None


def finding(kind, start, end, language):
    return Finding(kind, TimeSpan(start, end), "words", "source", language=language)


def test_the_language_heard_for_longest_counts_and_not_the_first_nor_the_most_often():
    speech = [
        finding(EvidenceKind.SPEECH, 0, 1, "de"),
        finding(EvidenceKind.SPEECH, 1, 2, "de"),
        finding(EvidenceKind.SPEECH, 2, 5, "en"),
        finding(EvidenceKind.SPEECH, 5, 9, None),
    ]
    assert known_language(speech, ()) == "en"


def test_subtitles_of_which_some_are_in_an_unknown_language_say_nothing():
    subtitles = [
        finding(EvidenceKind.SUBTITLE, 0, 1, "en"),
        finding(EvidenceKind.SUBTITLE, 0, 1, None),
    ]
    assert known_language((), subtitles) is None
