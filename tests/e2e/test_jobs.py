"""Several processes find what one finds; Ctrl-C ends them all and loses nothing."""

import os
import signal
import subprocess
import sys
import time

import pytest

from cinedex.api import open_library
from tests.e2e.conftest import cinedex
from tests.films import write_film

pytestmark = pytest.mark.weights

PATIENCE_SECONDS = 240.0  # for a machine that does much else


@pytest.fixture
def films(tmp_path):
    folder = tmp_path / "films"
    folder.mkdir()
    for i in range(3):
        write_film(folder / f"film {i}.mp4", num_frames=100 + 25 * i, sound_seconds=4.0 + i)
    return folder


def dump(root):
    with open_library(root) as library:
        return list(library.store.dump())


def test_two_processes_find_what_one_finds(pocket, films, tmp_path):
    one = cinedex("index", films, library=tmp_path / "one", CINEDEX_THREADS="1")
    assert one.code == 0, one.err
    two = cinedex(
        "index", films, "--jobs", "2", "--json", library=tmp_path / "two", CINEDEX_THREADS="2"
    )
    assert two.code == 0, two.err
    assert [result["state"] for result in two.data["results"]] == ["indexed"] * 3
    assert dump(tmp_path / "two") == dump(tmp_path / "one")


def test_an_interruption_ends_every_process_and_the_next_run_goes_on(pocket, films, tmp_path):
    root = tmp_path / "library"
    command = [sys.executable, "-m", "cinedex", "--library", str(root), "index", str(films)]
    with subprocess.Popen(
        [*command, "--jobs", "2"], stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert "started" in line
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: every process gets it
        assert process.wait(PATIENCE_SECONDS) == 130
        said = process.stderr.read()
        assert "goes on from there" in said
        assert "Traceback" not in said
        deadline = time.monotonic() + PATIENCE_SECONDS
        while _is_anybody_left(process.pid):
            assert time.monotonic() < deadline
            time.sleep(0.1)
    again = cinedex("index", films, "--jobs", "2", "--json", library=root)
    assert again.code == 0, again.err
    whole = cinedex("index", films, library=tmp_path / "whole")
    assert whole.code == 0
    assert dump(root) == dump(tmp_path / "whole")


def test_a_library_in_a_file_is_refused_on_a_cluster(films, tmp_path):
    ran = cinedex("index", films, "--ray", "127.0.0.1:1", library=tmp_path / "library")
    assert ran.code == 2
    assert "create --catalogue postgresql" in ran.err


def _is_anybody_left(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
