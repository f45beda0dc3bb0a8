"""Odd files and odd words: a clear line or a clear result, and the other files go on."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from cinedex.api import open_library
from tests.e2e.conftest import cinedex
from tests.films import write_film, write_rotated_film, write_truncated_film

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def odd_run(pocket, tmp_path_factory):
    """One run over everything odd at once, as in a real folder."""
    folder = tmp_path_factory.mktemp("odd")
    write_film(folder / "plain.mp4", num_frames=125, sound_seconds=5.0)
    (folder / "text.mp4").write_text("This is no film.\n" * 50)
    (folder / "empty.mp4").write_bytes(b"")
    write_truncated_film(folder / "truncated.mp4")
    write_truncated_film(folder / "no index.mp4", index_first=False)
    write_film(folder / "silent.mp4", num_frames=125)
    write_film(folder / "sound only.mp4", num_frames=0, sound_seconds=5.0)
    write_film(folder / "variable rate.mp4", frame_times=[0, 0.04, 0.4, 0.44, 1.2, 1.24, 2.5, 4.0])
    write_rotated_film(folder / "rotated.mp4", num_frames=125)
    write_film(folder / "narrow.mp4", num_frames=50, size=(2, 64))
    write_film(folder / "german.mp4", num_frames=125, sound_seconds=5.0, language="ger")
    write_film(folder / 'it\'s a "film" 🎬\nwith [bold]lines.mp4', num_frames=50)
    write_film(folder / "wrong extension.avi", num_frames=60, format="mp4")
    library = folder.parent / "odd library"
    ran = cinedex("index", folder, folder / "missing.mp4", "--json", library=library)
    return folder, library, ran


def outcome(ran, name):
    return next(row for row in ran.data["results"] if row["path"].endswith(name))


def test_some_failed_and_the_rest_went_on(odd_run):
    _folder, library, ran = odd_run
    assert ran.code == 6, ran.err
    failed = {
        os.path.basename(row["path"]) for row in ran.data["results"] if row["state"] == "failed"
    }
    assert failed == {"text.mp4", "empty.mp4", "no index.mp4", "missing.mp4"}
    with open_library(library) as opened:
        assert len(opened.videos()) == len(ran.data["results"]) - len(failed)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("text.mp4", "not in a video format"),
        ("empty.mp4", "0 bytes"),
        ("no index.mp4", "index"),
        ("missing.mp4", "does not exist"),
    ],
)
def test_each_failure_is_one_clear_line(odd_run, name, words):
    row = outcome(odd_run[2], name)
    assert words in row["error"]
    assert "\n" not in row["error"]


@pytest.mark.parametrize(
    ("name", "stage", "words"),
    [
        ("silent.mp4", "speech", "no sound"),
        ("sound only.mp4", "frames", "no picture"),
        ("german.mp4", "speech", "'de'"),
    ],
)
def test_what_was_skipped_says_why(odd_run, name, stage, words):
    skips = {skip["stage"]: skip["reason"] for skip in outcome(odd_run[2], name)["video"]["skips"]}
    assert words in skips[stage]


def test_pictures_stand_upright_and_times_come_from_timestamps(odd_run):
    rotated = outcome(odd_run[2], "rotated.mp4")["video"]
    assert rotated["height_pixels"] > rotated["width_pixels"]
    variable = outcome(odd_run[2], "variable rate.mp4")["video"]
    assert variable["duration_seconds"] == pytest.approx(4.0, abs=0.6)
    truncated = outcome(odd_run[2], "truncated.mp4")["video"]
    assert truncated["duration_seconds"] < 7.0  # of 8 stated


def test_no_speech_is_invented_from_a_tone(odd_run):
    with open_library(odd_run[1]) as opened:
        kinds = {e.kind for video in opened.videos() for e in opened.show(video.video_id)[2]}
    assert "speech" not in kinds


def test_a_strange_name_breaks_neither_table_nor_json(odd_run):
    listed = cinedex("list", library=odd_run[1])
    assert listed.code == 0
    assert "[bold]" in listed.out.replace("\n", "").replace(" ", "")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("search", ""), 2, "query"),
        (("search", "x" * 10_000), 2, "10000"),
        (("search", "film", "-k", "0"), 2, "at least 1"),
        (("ask", "???"), 2, "question"),
        (("ask", "Who?", "--choice", "the cat"), 2, "give 2 to 26"),
        (("show", "no such video"), 2, "no such video"),
        (("frobnicate",), 2, "frobnicate"),
    ],
)
def test_bad_words_are_bad_input(odd_run, arguments, code, words):
    ran = cinedex(*arguments, library=odd_run[1])
    assert ran.code == code
    assert words in (ran.err + ran.out).replace(",", "")
    assert "Traceback" not in ran.err


def test_a_library_that_does_not_exist(tmp_path):
    ran = cinedex("search", "anything", library=tmp_path / "nowhere")
    assert ran.code == 4
    assert "nowhere" in ran.err


def test_a_library_of_a_newer_schema(odd_run, tmp_path):
    import sqlite3

    copy = tmp_path / "newer"
    shutil.copytree(odd_run[1], copy)
    with sqlite3.connect(copy / "catalogue.sqlite") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    ran = cinedex("list", library=copy)
    assert ran.code == 4
    assert "newer" in ran.err


def test_a_folder_without_videos_is_said_and_the_rest_goes_on(odd_run, tmp_path):
    (tmp_path / "notes").mkdir()
    film = shutil.copy(odd_run[0] / "silent.mp4", tmp_path / "copy.mp4")
    ran = cinedex("index", tmp_path / "notes", film, "--json", library=odd_run[1])
    assert ran.code == 6
    assert "no video" in outcome(ran, "notes")["error"]
    assert outcome(ran, "copy.mp4")["state"] == "moved"


def wait_until_read(library):
    """Wait until the last of the models is loaded and the film is being looked through."""
    for _ in range(600):
        with sqlite3.connect(library / "catalogue.sqlite") as catalogue:
            running = catalogue.execute("SELECT stage FROM stage_result WHERE state = 'running'")
            if ("screen_text",) in running.fetchall():
                return
        time.sleep(0.1)
    pytest.fail("the film was not begun in a minute")


def test_ctrl_c_leaves_the_library_as_it_was(odd_run, sample_film, tmp_path):
    library = tmp_path / "library"
    write_film(tmp_path / "first.mp4", num_frames=50)
    assert cinedex("index", tmp_path / "first.mp4", library=library).code == 0
    process = subprocess.Popen(
        [sys.executable, "-m", "cinedex", "--library", library, "index", sample_film],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until_read(library)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    with open_library(library) as opened:
        (video,) = opened.videos()
        assert video.title == "first"
        assert opened.search("anything blue")
