import unicodedata

import pytest

from indexer.subtitles import subtitle_files
from indexer.subtitles.sidecars import all_sidecars


def test_sidecars_are_found_by_the_name_of_their_video(tmp_path):
    names = [
        "film.mkv",
        "film.srt",
        "film.de.vtt",
        "film.en.srt",
        "film.en.sdh.srt",
        "film.pt-BR.srt",
        "film.hi.srt",
        "film.French.forced.srt",
        "film.directors.cut.srt",
        "film2.srt",
        "film.txt",
        "Film.srt",
    ]
    for name in names:
        (tmp_path / name).touch()
    (tmp_path / "film.it.srt").mkdir()
    found = [(s.path.name, s.language, s.is_sdh) for s in all_sidecars(tmp_path / "film.mkv")]
    assert found == [
        ("film.French.forced.srt", "fr", False),
        ("film.de.vtt", "de", False),
        ("film.en.sdh.srt", "en", True),
        ("film.en.srt", "en", False),
        ("film.hi.srt", "hi", False),
        ("film.pt-BR.srt", "pt", False),
        ("film.srt", None, False),
    ]


def test_hi_after_a_language_means_hard_of_hearing(tmp_path):
    (tmp_path / "film.en.hi.srt").touch()
    (sidecar,) = all_sidecars(tmp_path / "film.mp4")
    assert (sidecar.language, sidecar.is_sdh) == ("en", True)


def test_a_video_whose_name_holds_odd_characters_finds_its_sidecar(tmp_path):
    (tmp_path / "a [1] *b'\n🎬.en.srt").touch()
    assert [s.language for s in all_sidecars(tmp_path / "a [1] *b'\n🎬.mp4")] == ["en"]


def test_a_missing_folder_has_no_sidecars(tmp_path):
    assert all_sidecars(tmp_path / "gone" / "film.mp4") == []


@pytest.mark.parametrize(
    ("name", "language", "is_sdh", "is_forced"),
    [
        ("film.en.sdh.srt", "en", True, False),
        ("film.EN.SRT", "en", False, False),
        ("film.eng.ass", "en", False, False),
        ("film.ger.forced.ssa", "de", False, True),
        ("film.zh-Hans.vtt", "zh", False, False),
        ("film.pt-BR.srt", "pt", False, False),
        ("film.pt_BR.default.srt", "pt", False, False),
        ("film.es-419.cc.srt", "es", True, False),
        ("film.yue.srt", "yue", False, False),
        ("film.Ukrainian.srt", "uk", False, False),
        ("film.2.srt", None, False, False),
        ("Subs/film.fr.srt", "fr", False, False),
        ("Subs/2_English.srt", "en", False, False),
        ("subtitles/SDH.eng.HI.srt", "en", True, False),
        ("Subs/film/3_Brazilian Portuguese.srt", "pt", False, False),
        ("Subs/notes.srt", None, False, False),
    ],
)
def test_names_say_language_and_kind(tmp_path, name, language, is_sdh, is_forced):
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).touch()
    (tmp_path / "film.mkv").touch()
    (found,) = all_sidecars(tmp_path / "film.mkv")
    assert found.path == tmp_path / name
    assert (found.language, found.is_sdh, found.is_forced) == (language, is_sdh, is_forced)


@pytest.mark.parametrize(
    "name", ["film.cut.srt", "film.xx.srt", "film.txt", "film-en.srt", "film.en.idx", "._film.srt"]
)
def test_other_names_belong_to_nobody(tmp_path, name):
    (tmp_path / name).touch()
    assert all_sidecars(tmp_path / "film.mkv") == []


def test_a_folder_of_subtitles_beside_several_films_is_told_apart_by_names(tmp_path):
    (tmp_path / "Subs" / "a").mkdir(parents=True)
    for name in ("a.mkv", "b.mkv", "Subs/b.de.srt", "Subs/English.srt", "Subs/a/English.srt"):
        (tmp_path / name).touch()
    assert subtitle_files(tmp_path / "a.mkv") == [tmp_path / "Subs/a/English.srt"]
    assert subtitle_files(tmp_path / "b.mkv") == [tmp_path / "Subs/b.de.srt"]


def test_a_file_belongs_to_the_video_with_the_longest_name(tmp_path):
    (tmp_path / "Subs").mkdir()
    for name in ("Film.mkv", "Film.2.mkv", "Film.3.srt", "Subs/Film.de.srt"):
        (tmp_path / name).touch()
    for name in ("Film.2.srt", "Film.2.en.srt", "Film.22.srt", "Subs/Film.2.de.srt"):
        (tmp_path / name).touch()
    first = ["Film.22.srt", "Film.3.srt", "Subs/Film.de.srt"]
    assert subtitle_files(tmp_path / "Film.mkv") == [tmp_path / name for name in first]
    second = ["Film.2.en.srt", "Film.2.srt", "Subs/Film.2.de.srt"]
    assert subtitle_files(tmp_path / "Film.2.mkv") == [tmp_path / name for name in second]


def test_accents_may_be_spelt_in_two_ways(tmp_path):
    (tmp_path / unicodedata.normalize("NFD", "été.fr.srt")).touch()
    (found,) = all_sidecars(tmp_path / unicodedata.normalize("NFC", "été.mkv"))
    assert found.language == "fr"


def test_every_file_that_may_be_read_is_listed(tmp_path):
    names = ["film.en.forced.srt", "film.en.sdh.srt", "film.en.srt"]
    for name in names:
        (tmp_path / name).touch()
    assert [path.name for path in subtitle_files(tmp_path / "film.mkv")] == names
