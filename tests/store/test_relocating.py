from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.errors import InputError
from store.relocating import PathMap, path_maps


@pytest.mark.parametrize(
    ("old", "new", "path", "moved"),
    [
        ("/a/b", "/c", "/a/b/x.mp4", "/c/x.mp4"),
        ("/a/b/", "/c/", "/a/b/x.mp4", "/c/x.mp4"),
        ("/a/b", "/c", "/a/bc/x.mp4", None),
        ("/a/b", "/c", "/a/b", "/c"),
        ("/a/b", "/c", "/a/b\\c.mp4", None),
        ("/a/b", "/c", "/A/b/x", None),
        ("/a/b", "/c", "x/a/b/x", None),
        ("/", "/mnt", "/a/x", "/mnt/a/x"),
        ("/a", "/", "/a/x", "/x"),
        ("/a", "/b", "/a/\udcff\n=.mkv", "/b/\udcff\n=.mkv"),
        ("/\udcff", "/\udcfe", "/\udcff/x", "/\udcfe/x"),
        ("D:\\films", "/films", "D:\\films\\a\\b.mp4", "/films/a/b.mp4"),
        ("D:\\films\\", "E:\\", "D:\\films\\a.mp4", "E:\\a.mp4"),
        ("D:\\films", "E:\\", "D:\\films2\\a.mp4", None),
        ("D:", "/mnt/d", "D:/films/a.mp4", "/mnt/d/films/a.mp4"),
        ("\\\\nas\\films", "/mnt", "\\\\nas\\films\\a.mp4", "/mnt/a.mp4"),
        ("/mnt", "\\\\nas\\films", "/mnt/x/a.mp4", "\\\\nas\\films\\x\\a.mp4"),
    ],
)
def test_a_path_moves_with_its_folder(old, new, path, moved):
    assert PathMap(old, new).moved(path) == moved


def test_the_inner_folder_counts_and_a_path_moves_once():
    maps = path_maps(["/a=/b", "/a/c=/d", "/b=/e"])
    assert maps.moved_all(["/a/x", "/a/c/x", "/b/x", "/f/x", "/d/x"]) == (
        *("/b/x", "/d/x", "/e/x", "/f/x"),
    )


@pytest.mark.parametrize(
    "written",
    ["", "/a", "=", "/a=", "=/b", "a=/b", "/a=b", "/a=/b=/c", "/a\0=/b", "/a==/b", "~/a=/b"],
)
def test_what_is_no_map_is_bad_input(written):
    with pytest.raises(InputError, match="--map-path"):
        path_maps([written])


def test_two_maps_of_one_folder_are_bad_input():
    with pytest.raises(InputError, match="same old folder"):
        path_maps(["/a=/b", "/a/=/c"])


names = st.text(st.characters(exclude_characters="/\0"), min_size=1)


@given(st.lists(names, min_size=1), st.lists(names, min_size=1), st.lists(names, min_size=1))
def test_any_name_survives_the_writing_of_a_map(old, new, rest):
    before, after = "/" + "/".join(old), "/" + "/".join(new)
    maps = path_maps([f"{before.replace('=', '==')}={after.replace('=', '==')}"])
    tail = "/" + "/".join(rest)
    assert maps.moved(before + tail) == after + tail
    assert maps.moved(before + "x" + tail) == before + "x" + tail


def test_a_library_is_relocated_in_one_go(library, full_video, make_video, tmp_path):
    there = tmp_path / "a.mp4"
    there.touch()
    library.publish(full_video)
    library.publish(make_video("a"))
    other = make_video("b")
    library.publish(replace(other, video=replace(other.video, paths=("/filmsx/b", "/films2/b"))))
    before = list(library.dump())
    maps = path_maps([f"/films={tmp_path}", f"/films2={tmp_path}", f"/filmsx={tmp_path}"])
    moved = library.relocate(maps, is_dry_run=True)
    assert list(library.dump()) == before
    assert library.relocate(maps) == moved
    assert [(path.old, path.is_there) for path in moved] == [
        ("/films/new\nline 'x' \U0001f3ac.mkv", False),
        ("/films/öld \udcff.mkv", False),
        ("/films/a.mp4", True),
        ("/films2/b", False),
        ("/filmsx/b", False),
    ]
    paths = {video.title: video.paths for video in library.videos()}
    assert paths["Film a"] == (str(there),)
    assert paths["Film b"] == (f"{tmp_path}/b",)
    assert paths["Ein Film"][1] == f"{tmp_path}/öld \udcff.mkv"
    assert library.relocate(maps) == []
    digest = library.content_digest("a" * 32)
    library.merge_paths("a" * 32, ["/x", str(there)])
    assert library.videos()[1].paths == (str(there), "/x")
    assert library.content_digest("a" * 32) == digest
