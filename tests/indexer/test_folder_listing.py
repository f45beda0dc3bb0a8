import os
import shutil

import pytest

from indexer.folder_listing import check_folders, list_folders
from indexer.naming import name_files
from indexer.subtitles import all_sidecars
from store.errors import InputError


def seen(folder, recursive=False):
    listing = list_folders([folder], recursive)
    return {path.name: video for path, video in listing.videos.items()}


def test_a_state_changes_with_bytes_times_and_permissions(tmp_path):
    film = tmp_path / "film.mp4"
    film.write_bytes(b"x")
    first = seen(tmp_path)["film.mp4"]
    assert seen(tmp_path)["film.mp4"] == first
    with film.open("ab") as growing:
        growing.write(b"y")
    second = seen(tmp_path)["film.mp4"]
    assert (first.file.num_bytes, second.file.num_bytes) == (1, 2)
    os.utime(film, ns=(0, 0))
    third = seen(tmp_path)["film.mp4"]
    assert third.file.modified_ns == 0
    film.chmod(0o400)
    assert seen(tmp_path)["film.mp4"] != third


def test_companions_are_named_after_their_video(tmp_path):
    names = ["film.mp4", "film.en.srt", "film.nfo", "film.jpg", "film2.srt", "filmer.nfo"]
    for name in names:
        (tmp_path / name).write_bytes(b"x")
    assert [name for name, _ in seen(tmp_path)["film.mp4"].companions] == [
        "film.en.srt",
        "film.nfo",
    ]


def test_the_nfo_of_a_series_belongs_to_the_videos_of_its_seasons(tmp_path):
    (tmp_path / "Season 1").mkdir()
    (tmp_path / "Season 1" / "a.mkv").write_bytes(b"x")
    (tmp_path / "Season 1" / "season.nfo").write_bytes(b"x")
    (tmp_path / "tvshow.nfo").write_bytes(b"x")
    (tmp_path / "other.nfo").write_bytes(b"x")
    companions = [name for name, _ in seen(tmp_path, recursive=True)["a.mkv"].companions]
    assert companions == ["../tvshow.nfo", "season.nfo"]


@pytest.mark.parametrize(
    ("film", "companion", "as_seen"),
    [
        ("film.mp4", "Subs/English.srt", "Subs/English.srt"),
        ("film.mp4", "subtitles/film.en.vtt", "subtitles/film.en.vtt"),
        ("film.mp4", "Film (English).srt", "Film (English).srt"),
        ("film.mp4", "film.mp4.en.srt", "film.mp4.en.srt"),
        ("film.mp4", "subs/FILM/English.srt", "subs/FILM/English.srt"),
        ("film.mp4", "film.ttml", "film.ttml"),
        ("film.mp4", "Subs/film/2_English.srt", "Subs/film/2_English.srt"),
        ("show/Season 1/S01E01/a.mkv", "show/tvshow.nfo", "../../tvshow.nfo"),
        ("caf\u00e9.mp4", "cafe\u0301.en.srt", "cafe\u0301.en.srt"),
    ],
)
def test_whatever_naming_and_subtitles_read_is_a_companion(tmp_path, film, companion, as_seen):
    path = tmp_path / film
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    before = seen(tmp_path, recursive=True)[path.name]
    other = tmp_path / companion
    other.parent.mkdir(parents=True, exist_ok=True)
    other.write_bytes(b"x")
    assert other in {*(file.path for file in all_sidecars(path)), *name_files(path)}
    now = seen(tmp_path, recursive=True)[path.name]
    assert now != before
    assert [name for name, _ in now.companions] == [as_seen]


def test_subtitles_of_one_of_several_videos_are_no_companions_of_the_others(tmp_path):
    (tmp_path / "Subs" / "a").mkdir(parents=True)
    for name in ("a.mp4", "b.mp4", "Subs/a.en.srt", "Subs/a/fr.srt", "Subs/German.srt"):
        (tmp_path / name).write_bytes(b"x")
    found = {name: [file for file, _ in video.companions] for name, video in seen(tmp_path).items()}
    assert found == {"a.mp4": ["Subs/a.en.srt", "Subs/a/fr.srt"], "b.mp4": []}


@pytest.mark.parametrize("partial", ["film.mp4.part", "film.mp4.crdownload", "film.mp4.aria2"])
def test_a_partial_file_is_no_video_and_marks_the_one_it_is_named_after(tmp_path, partial):
    (tmp_path / partial).write_bytes(b"x")
    assert seen(tmp_path) == {}
    (tmp_path / "film.mp4").write_bytes(b"")
    assert seen(tmp_path)["film.mp4"].is_partial
    (tmp_path / partial).unlink()
    assert not seen(tmp_path)["film.mp4"].is_partial


def test_a_subtitle_that_is_still_fetched_keeps_no_video_waiting(tmp_path):
    for name in ("film.mp4", "film.en.srt.part"):
        (tmp_path / name).write_bytes(b"x")
    assert not seen(tmp_path)["film.mp4"].is_partial


def test_a_folder_that_went_away_is_named(tmp_path):
    folder = tmp_path / "share"
    folder.mkdir()
    (folder / "film.mp4").write_bytes(b"x")
    assert list_folders([folder], False).unlistable == {}
    shutil.rmtree(folder)
    listing = list_folders([folder], False)
    assert listing.videos == {}
    assert listing.unlistable == {folder: "No such file or directory"}


def test_what_is_no_folder_cannot_be_watched(tmp_path):
    (tmp_path / "film.mp4").write_bytes(b"x")
    check_folders([tmp_path])
    with pytest.raises(InputError, match="is no folder"):
        check_folders([tmp_path / "film.mp4"])
    with pytest.raises(InputError, match="is not there"):
        check_folders([tmp_path, tmp_path / "gone"])
