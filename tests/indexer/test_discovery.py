import os
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.discovery import discover, find_videos, natural_key
from store.errors import InputError, MediaNotFoundError


def make(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return folder


def names(videos, folder):
    return [str(video.relative_to(folder)) for video in videos]


def test_videos_of_a_directory_in_natural_order(tmp_path):
    make(
        tmp_path, "film 10.mp4", "film 9.MKV", "Film 1.webm", "notes.txt", "film 9.srt", "cover.jpg"
    )
    assert names(find_videos([tmp_path]), tmp_path) == ["Film 1.webm", "film 9.MKV", "film 10.mp4"]


def test_directories_inside_only_when_asked(tmp_path):
    make(tmp_path, "b.mp4", "a/2.mp4", "a/deep/1.mp4")
    assert names(find_videos([tmp_path]), tmp_path) == ["b.mp4"]
    found = find_videos([tmp_path], recursive=True)
    assert names(found, tmp_path) == ["a/2.mp4", "a/deep/1.mp4", "b.mp4"]


def test_hidden_files_and_directories_are_passed_over(tmp_path):
    make(tmp_path, ".a.mp4", "._b.mp4", ".cache/c.mp4", "d.mp4")
    assert names(find_videos([tmp_path], recursive=True), tmp_path) == ["d.mp4"]


def test_a_file_that_is_named_is_taken_whatever_its_name(tmp_path):
    make(tmp_path, "film.txt", ".hidden.mp4")
    paths = [tmp_path / "film.txt", tmp_path / ".hidden.mp4"]
    assert find_videos(paths) == paths


def test_what_is_named_first_comes_first_and_nothing_twice(tmp_path):
    make(tmp_path, "a.mp4", "b.mp4")
    (tmp_path / "c.mp4").symlink_to(tmp_path / "a.mp4")
    found = find_videos([tmp_path / "b.mp4", tmp_path, tmp_path / "a.mp4"])
    assert names(found, tmp_path) == ["b.mp4", "a.mp4"]


def test_a_loop_of_links_ends(tmp_path):
    make(tmp_path, "a/film.mp4")
    (tmp_path / "a" / "up").symlink_to(tmp_path, target_is_directory=True)
    assert names(find_videos([tmp_path], recursive=True), tmp_path) == ["a/film.mp4"]


def test_linked_directories_are_looked_into(tmp_path):
    make(tmp_path, "elsewhere/film.mp4")
    library = tmp_path / "library"
    library.mkdir()
    (library / "link").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert names(find_videos([library], recursive=True), library) == ["link/film.mp4"]


def test_a_directory_that_ends_like_a_video_is_none(tmp_path):
    make(tmp_path, "folder.mp4/film.mp4")
    with pytest.raises(InputError, match="--recursive"):
        find_videos([tmp_path])
    assert names(find_videos([tmp_path], recursive=True), tmp_path) == ["folder.mp4/film.mp4"]


def test_a_link_that_leads_nowhere_is_named_and_keeps_no_other_video_back(tmp_path):
    make(tmp_path, "a.mp4")
    gone, circle = tmp_path / "gone.mp4", tmp_path / "circle.mp4"
    gone.symlink_to(tmp_path / "nothing.mp4")
    circle.symlink_to(circle)
    (tmp_path / "notes.txt").symlink_to(tmp_path / "nothing.txt")
    videos, problems = discover([tmp_path])
    assert names(videos, tmp_path) == ["a.mp4"]
    assert [path for path, _ in problems] == [circle, gone]
    assert all(isinstance(error, MediaNotFoundError) for _, error in problems)
    with pytest.raises(MediaNotFoundError, match="link that leads nowhere"):
        find_videos([gone])


def test_a_folder_of_broken_links_is_not_called_empty_too(tmp_path):
    (tmp_path / "gone.mp4").symlink_to(tmp_path / "nothing.mp4")
    assert [str(error) for _, error in discover([tmp_path])[1]] == [
        f"{tmp_path / 'gone.mp4'} is a link that leads nowhere; "
        "restore what it led to, or remove it"
    ]


@pytest.mark.parametrize("recursive", [True, False])
def test_a_directory_without_video(tmp_path, recursive):
    make(tmp_path, "notes.txt")
    with pytest.raises(InputError, match="holds no video"):
        find_videos([tmp_path], recursive)


def test_a_missing_path(tmp_path):
    with pytest.raises(MediaNotFoundError, match="does not exist"):
        find_videos([tmp_path / "gone"])


def test_odd_names(tmp_path):
    odd = ["a b.mp4", 'it\'s "a".mp4', "🎬.mp4", "two\nlines.mp4", os.fsdecode(b"\xff.mp4")]
    make(tmp_path, *odd)
    assert sorted(names(find_videos([tmp_path]), tmp_path)) == sorted(odd)


@given(st.lists(st.text(max_size=12)))
def test_natural_order_is_an_order(texts):
    expected = sorted(texts, key=lambda text: (natural_key(text), text))
    random.Random(0).shuffle(texts)
    assert sorted(texts, key=lambda text: (natural_key(text), text)) == expected
