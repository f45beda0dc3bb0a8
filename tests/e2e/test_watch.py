"""A watched folder: what arrives is indexed when it is whole, and Ctrl-C ends the watch."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from cinedex.api import open_library
from tests.e2e.conftest import cinedex
from tests.films import write_film

pytestmark = pytest.mark.weights

PATIENCE_SECONDS = 240.0  # for a machine that does much else


class Watch:
    """A running ``cinedex watch --json`` and the events that it tells."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self._events: Queue[dict[str, Any]] = Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def next(self) -> dict[str, Any]:
        return self._events.get(timeout=PATIENCE_SECONDS)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._events.put(json.loads(line))


@contextmanager
def watching(library: Path, folder: Path, *arguments: str) -> Iterator[Watch]:
    command = [sys.executable, "-m", "cinedex", "--library", str(library), "watch", str(folder)]
    with subprocess.Popen(
        [*command, "--json", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    ) as process:
        try:
            yield Watch(process)
        finally:
            process.kill()


def test_what_arrives_is_indexed_and_an_interruption_ends_it(pocket, tmp_path):
    folder, library = tmp_path / "arriving", tmp_path / "library"
    folder.mkdir()
    whole = write_film(tmp_path / "film.mp4", num_frames=50).read_bytes()
    with watching(library, folder, "--settle", "1") as watch:
        partial = folder / "film.mp4.part"
        partial.write_bytes(whole[:1000])
        (folder / "text.mp4").write_text("This is no film.\n" * 50)
        assert watch.next()["path"].endswith("text.mp4")
        failed = watch.next()
        assert failed["kind"] == "result"
        assert failed["result"]["error_type"] == "NotAVideoError"
        partial.write_bytes(whole)
        partial.rename(folder / "film.mp4")
        assert watch.next() == {
            "kind": "found",
            "path": str(folder / "film.mp4"),
            "message": "",
            "result": None,
        }
        assert watch.next()["result"]["state"] == "indexed"
        (folder / "film.en.srt").write_text("1\n00:00:00,500 --> 00:00:01,000\nHello there.\n")
        assert watch.next()["result"]["state"] == "indexed"
        (folder / "film.mp4").unlink()
        assert watch.next()["kind"] == "gone"
        watch.process.send_signal(signal.SIGINT)
        assert watch.process.wait(PATIENCE_SECONDS) == 130
        assert watch.process.stderr is not None
        assert "Traceback" not in watch.process.stderr.read()
    with open_library(library) as opened:
        (video,) = opened.videos()
        texts = [row.text for row in opened.store.evidence(video.video_id)]
    assert "Hello there." in texts


def test_a_file_that_is_still_written_is_left_for_the_next_run(pocket, tmp_path):
    folder, library = tmp_path / "arriving", tmp_path / "library"
    folder.mkdir()
    film = write_film(folder / "film.mp4", num_frames=50)
    with film.open("ab"):
        ran = cinedex("watch", folder, "--once", "--settle", "0.2", "--json", library=library)
    events = [json.loads(line) for line in ran.out.splitlines()]
    assert [event["kind"] for event in events] == ["found", "still_changing"]
    assert ran.code == 0
    ran = cinedex("watch", folder, "--once", "--settle", "0.2", library=library)
    assert ran.code == 0, ran.err
    assert f"{film}: indexed in" in ran.out
    ran = cinedex("watch", folder, "--once", "--settle", "0.2", library=library)
    assert f"{film}: unchanged in" in ran.out


def test_what_cannot_be_watched_is_bad_input(tmp_path):
    ran = cinedex("watch", tmp_path / "gone", library=tmp_path / "library")
    assert ran.code == 2
    assert "name a folder to watch" in ran.err
