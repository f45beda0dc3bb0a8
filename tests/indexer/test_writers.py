import os

import pytest

from indexer.writers import PROC, held_for_writing

pytestmark = pytest.mark.skipif(not PROC.is_dir(), reason="the system has no /proc")


def test_a_file_is_held_while_it_is_open_for_writing(tmp_path):
    written, read, shut = (tmp_path / name for name in ("written.mp4", "read.mp4", "shut.mp4"))
    for path in (written, read, shut):
        path.write_bytes(b"x")
    with written.open("ab"), read.open("rb"):
        assert held_for_writing([written, read, shut]) == {written}
    assert held_for_writing([written, read, shut]) == frozenset()


def test_a_writer_is_seen_through_a_link(tmp_path):
    (tmp_path / "film.mp4").write_bytes(b"x")
    link = tmp_path / "link.mp4"
    link.symlink_to(tmp_path / "film.mp4")
    with (tmp_path / "film.mp4").open("r+b"):
        assert held_for_writing([link]) == {link}


def test_a_system_without_proc_tells_nothing(tmp_path):
    film = tmp_path / "film.mp4"
    with film.open("wb"):
        assert held_for_writing([film], tmp_path / "proc") == frozenset()


def test_the_flags_are_read_as_the_kernel_writes_them(tmp_path):
    film = tmp_path / "film.mp4"
    film.write_bytes(b"x")
    for pid, flags in (("1", os.O_RDONLY), ("2", os.O_WRONLY | os.O_CREAT)):
        (tmp_path / "proc" / pid / "fd").mkdir(parents=True)
        (tmp_path / "proc" / pid / "fd" / "3").symlink_to(film)
        (tmp_path / "proc" / pid / "fdinfo").mkdir()
        (tmp_path / "proc" / pid / "fdinfo" / "3").write_text(f"pos:\t0\nflags:\t0{flags:o}\n")
    assert held_for_writing([film], tmp_path / "proc") == {film}
    (tmp_path / "proc" / "2" / "fdinfo" / "3").unlink()
    assert held_for_writing([film], tmp_path / "proc") == frozenset()
