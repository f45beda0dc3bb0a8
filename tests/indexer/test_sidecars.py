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
    ]
    for name in names:
        (tmp_path / name).touch()
    (tmp_path / "film.it.srt").mkdir()
    found = [
        (sidecar.path.name, sidecar.language, sidecar.is_sdh)
        for sidecar in all_sidecars(tmp_path / "film.mkv")
        if not sidecar.problem
    ]
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
        ("film.en.2.srt", "en", False, False),
        ("film.mkv.srt", None, False, False),
        ("film.mkv.en.srt", "en", False, False),
        ("film_en.srt", "en", False, False),
        ("film-en.srt", "en", False, False),
        ("film - English.srt", "en", False, False),
        ("film en.srt", "en", False, False),
        ("Film.en.srt", "en", False, False),
        ("FILM.MKV.EN.SRT", "en", False, False),
        ("film (English).srt", "en", False, False),
        ("film [Brazilian Portuguese].srt", "pt", False, False),
        ("film.en[cc].srt", "en", True, False),
        ("film-en-cc.srt", "en", True, False),
        ("film_en_hi.srt", "en", True, False),
        ("film.en-forced.srt", "en", False, True),
        ("film.en.closedcaptions.srt", "en", True, False),
        ("film.English (Closed Captions).srt", "en", True, False),
        ("film.und.srt", None, False, False),
        ("film.farsi.srt", "fa", False, False),
        ("film.Indonesian.srt", "id", False, False),
        ("film.Español.srt", "es", False, False),
        ("film.pt.br.srt", "pt", False, False),
        ("film.pt-br.srt", "pt", False, False),
        ("film_pt_BR.srt", "pt", False, False),
        ("film_fr_CA.srt", "fr", False, False),
        ("film.zh.tw.srt", "zh", False, False),
        ("film_zh_Hant.srt", "zh", False, False),
        ("film.br.srt", "br", False, False),
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
    "name",
    ["film.txt", "._film.srt", "film2.srt", "films.en.srt", "filmé.srt", "fil.srt", "a film.srt"],
)
def test_other_names_belong_to_nobody(tmp_path, name):
    (tmp_path / name).touch()
    assert all_sidecars(tmp_path / "film.mkv") == []


REMEDY = "put a text file such as film.en.srt beside the video to have them searched"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("film.cut.srt", "'cut' in its name is not understood, so it was not read"),
        ("film.xx.srt", "'xx' in its name is not understood, so it was not read"),
        (
            "film Director's Cut.en.srt",
            """"director's" and 'cut' in its name are not understood, so it was not read""",
        ),
        ("film 2.srt", "'2' in its name is not understood, so it was not read"),
        ("film (1).en.srt", "'1' in its name is not understood, so it was not read"),
        ("film.mp4.en.srt", "'mp4' in its name is not understood, so it was not read"),
        (
            "film.en.commentary.srt",
            "a commentary does not hold the film's own words, so it was not read",
        ),
        (
            "Subs/film/3_Commentary.srt",
            "a commentary does not hold the film's own words, so it was not read",
        ),
        ("film.idx", f"bitmap subtitles, which are not read; {REMEDY}"),
        ("film.en.sup", f"bitmap subtitles, which are not read; {REMEDY}"),
        ("film.sub", f"VobSub or MicroDVD subtitles, which are not read; {REMEDY}"),
        ("film.SMI", f"SAMI subtitles, which are not read; {REMEDY}"),
        ("Subs/film.ttml", f"TTML subtitles, which are not read; {REMEDY}"),
        ("Subs/English.sup", f"bitmap subtitles, which are not read; {REMEDY}"),
    ],
)
def test_files_that_are_not_read_say_why(tmp_path, name, problem):
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).touch()
    (tmp_path / "film.mkv").touch()
    (found,) = all_sidecars(tmp_path / "film.mkv")
    assert (found.path, found.problem) == (tmp_path / name, problem)
    assert subtitle_files(tmp_path / "film.mkv") == []


def test_the_two_files_of_vobsub_are_of_one_kind(tmp_path):
    for name in ("film.idx", "film.sub"):
        (tmp_path / name).touch()
    index, pictures = all_sidecars(tmp_path / "film.mkv")
    assert index.problem == pictures.problem


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


@pytest.mark.parametrize(
    ("videos", "file", "owners"),
    [
        (["Show.S01E01.mkv", "Show.S01E01 extended.mkv"], "Show.S01E01.srt", [0]),
        (["Show.S01E01.mkv", "Show.S01E01 extended.mkv"], "Show.S01E01 extended.srt", [1]),
        (["Show.S01E01.mkv", "Show.S01E01 extended.mkv"], "show.s01e01 Extended.en.srt", [1]),
        (["Show.S01E01 extended.mkv"], "Show.S01E01.srt", []),
        (["film.mkv", "film-en.mkv"], "film-en.srt", [1]),
        (["film.mkv", "film.mp4"], "film.mp4.en.srt", [1]),
        (["film.mkv", "film.mp4"], "film.en.srt", [0, 1]),
        (["film.mkv", "film.mp4.mkv"], "film.mp4.en.srt", [1]),
        (["film.mkv", "Film.mkv"], "Film.srt", [1]),
        (["film.mkv", "Film.mkv"], "film.srt", [0]),
        (["film.mkv", "Film.mkv"], "FILM.srt", [0, 1]),
    ],
)
def test_a_file_has_the_video_whose_name_it_has_most_of(tmp_path, videos, file, owners):
    for name in (*videos, file):
        (tmp_path / name).touch()
    if len(list(tmp_path.iterdir())) < len({*videos, file}):
        pytest.skip("names that differ in capitals only are one file here")
    found = [number for number, name in enumerate(videos) if all_sidecars(tmp_path / name)]
    assert found == owners


def test_accents_may_be_spelt_in_two_ways(tmp_path):
    (tmp_path / unicodedata.normalize("NFD", "été.fr.srt")).touch()
    (found,) = all_sidecars(tmp_path / unicodedata.normalize("NFC", "été.mkv"))
    assert found.language == "fr"


def test_every_file_that_may_be_read_is_listed(tmp_path):
    names = ["film.en.forced.srt", "film.en.sdh.srt", "film.en.srt"]
    for name in names:
        (tmp_path / name).touch()
    assert [path.name for path in subtitle_files(tmp_path / "film.mkv")] == names
