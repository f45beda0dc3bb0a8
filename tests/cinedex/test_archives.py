import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cinedex import open_library
from store.library import Library
from store.mark import Mark, Verdict
from store.records import Clip, Evidence, EvidenceKind, IndexedVideo, Scope, Video
from store.timespan import TimeSpan

HOSTILE = "a 'b' [bold red]\x1b[31m\nerror: c"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CINEDEX_")}
    return kept | {
        "CINEDEX_LIBRARY": str(tmp_path / "library"),
        "CINEDEX_CACHE": str(tmp_path / "cache"),
        "CINEDEX_OFFLINE": "1",
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
    }


def indexed(letter: str, text: str = "a red door") -> IndexedVideo:
    video_id, span = letter * 32, TimeSpan(0.0, 8.0)
    return IndexedVideo(
        Video(video_id, (f"/films/{letter}.mp4",), f"{HOSTILE} {letter}", 8.0, 10),
        (Clip(video_id, 0, span),),
        (Evidence(video_id, EvidenceKind.SPEECH, 0, 0, span, text, "m@1"),),
        (),
        (),
        (),
        ((0, b"\xff\xd8jpeg"),),
    )


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    with Library.create(tmp_path / "library") as library:
        for letter in "abc":
            library.publish(indexed(letter))
        library.save_answer({"text": "yes"})
    return tmp_path / "library"


def run(environment: dict[str, str], *arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "cinedex", *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_library_moves_to_another_machine(
    environment: dict[str, str], filled: Path, tmp_path: Path
) -> None:
    archive, there = tmp_path / "all.zip", tmp_path / "there"
    with Library.open(filled) as library:
        library.marks.put(Mark("a submarine", Scope(), Verdict.ABSENT, datetime.now(UTC)))
    written = run(environment, "export-library", archive, "--json")
    assert written.returncode == 0, written.stderr
    document = json.loads(written.stdout)
    assert document["archive"] == str(archive)
    assert document["num_bytes"] == archive.stat().st_size
    assert document["counts"]["videos"] == 3
    arguments = ("import-library", archive, "--library", there, "--json")
    read = run(environment, *arguments, "--map-path", "/films=/mnt")
    assert read.returncode == 0, read.stderr
    document = json.loads(read.stdout)
    assert [result["state"] for result in document["results"]] == ["added"] * 3
    assert (document["num_answers"], document["answers_error"]) == (1, "")
    assert (document["num_marks"], document["marks_error"]) == (1, "")
    with Library.open(filled) as here, Library.open(there) as imported:
        moved = [line.replace("/mnt/", "/films/") for line in imported.dump()]
        assert moved == list(here.dump())


def test_some_videos_are_exported(
    environment: dict[str, str], filled: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "some.zip"
    asked = ("export-library", archive, "--video", "aaaa", "--video", "/films/b.mp4")
    assert "2 videos" in run(environment, *asked).stdout
    again = run(environment, *asked)
    assert (again.returncode, again.stdout) == (2, "")
    assert "--force" in again.stderr
    assert run(environment, *asked, "--force").returncode == 0


def test_what_differs_is_named_and_what_is_damaged_fails_alone(
    environment: dict[str, str], filled: Path, tmp_path: Path
) -> None:
    archive, there = tmp_path / "all.zip", tmp_path / "there"
    run(environment, "export-library", archive)
    with Library.create(there) as library:
        library.publish(indexed("a", "a blue door"))
    damaged = archive.read_bytes()
    at = damaged.index(b"\xff\xd8jpeg", damaged.index(b"bbbb"))
    (tmp_path / "bad").write_bytes(damaged[: at + 3] + b"J" + damaged[at + 4 :])
    finished = run(environment, "import-library", tmp_path / "bad", "--library", there)
    assert finished.returncode == 6
    assert finished.stdout == "1 kept, 1 failed, 1 added, 1 answers added\n"
    assert "differs and was kept" in finished.stderr
    (complaint,) = [line for line in finished.stderr.splitlines() if line.startswith("error: ")]
    assert "export the library again" in complaint
    assert "\x1b" not in finished.stderr
    replaced = run(environment, "import-library", archive, "--library", there, "--replace")
    assert replaced.stdout == "1 replaced, 1 added, 1 same, 0 answers added\n"


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        (None, (), "no archive at"),
        (b"", (), "no sound archive"),
        (b"PK\5\6" + bytes(18), (), "manifest.json"),
        (None, ("--map-path", "films"), "OLD=NEW"),
    ],
)
def test_a_bad_archive_makes_no_library(
    environment: dict[str, str],
    tmp_path: Path,
    content: bytes | None,
    options: tuple[str, ...],
    words: str,
) -> None:
    if content is not None:
        (tmp_path / "x").write_bytes(content)
    finished = run(environment, "import-library", tmp_path / "x", *options)
    assert (finished.returncode, finished.stdout) == (2, "")
    (complaint,) = finished.stderr.splitlines()
    assert words in complaint
    assert not (tmp_path / "library").exists()


def test_folders_that_were_moved(environment: dict[str, str], filled: Path, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    asked = ("relocate", "--map-path", f"/films={tmp_path}")
    tried = run(environment, *asked, "--dry-run")
    assert tried.returncode == 0, tried.stderr
    assert tried.stdout.splitlines()[0] == f"/films/a.mp4  ->  {tmp_path}/a.mp4"
    assert tried.stdout.splitlines()[-1] == "3 videos would change; 1 of 3 new paths are there"
    document = json.loads(run(environment, *asked, "--json").stdout)
    assert (document["num_videos"], document["is_dry_run"]) == (3, False)
    assert document["paths"][0] == {
        "video_id": "a" * 32,
        "old": "/films/a.mp4",
        "new": f"{tmp_path}/a.mp4",
        "is_there": True,
    }
    assert run(environment, *asked).stdout == "0 videos changed; 0 of 0 new paths are there\n"


def test_an_interrupted_export_leaves_no_file(environment: dict[str, str], tmp_path: Path) -> None:
    with Library.create(tmp_path / "library") as library:
        for number in range(60):
            library.publish(indexed(f"{number:02d}", "word " * 20_000))
    archive = tmp_path / "out" / "all.zip"
    archive.parent.mkdir()
    command = [sys.executable, "-m", "cinedex", "export-library", str(archive)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 20
        while not list(archive.parent.iterdir()):
            assert time.monotonic() < deadline, "it never began"
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "interrupted" in said
    assert list(archive.parent.iterdir()) == []


def test_the_library_of_python_does_the_same(filled: Path, tmp_path: Path) -> None:
    with open_library(filled) as library:
        assert library.export_library(tmp_path / "x", videos=["aaaa"]).counts["videos"] == 1
        library.export_library(tmp_path / "x", overwrite=True)
    with open_library(tmp_path / "there", create=True) as there:
        report = there.import_library(tmp_path / "x", map_paths=["/films=/m"])
        assert not report.failed
        assert [moved.new for moved in there.relocate(["/m=/n"], dry_run=True)] == [
            *("/n/a.mp4", "/n/b.mp4", "/n/c.mp4"),
        ]
