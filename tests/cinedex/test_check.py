"""``cinedex check`` as it is typed."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from cinedex.mending import check_library, repair_library
from store.library import Library
from store.records import Clip, Embedding, Evidence, EvidenceKind, IndexedVideo, Space, Video
from store.timespan import TimeSpan

HOSTILE = "/films/a\n\x1b[31m [bold]b[/].mp4"


def video(letter: str, path: str) -> IndexedVideo:
    video_id, span = letter * 32, TimeSpan(0.0, 4.0)
    said = Evidence(video_id, EvidenceKind.SPEECH, 0, 0, span, f"a red door in {letter}", "m@1")
    return IndexedVideo(
        video=Video(video_id, (path,), f"Film {letter}", 4.0, 1),
        clips=(Clip(video_id, 0, span),),
        evidence=(said,),
        spaces=(Space("text:m@1", "m@1", "m@1", 2, "text"),),
        embeddings=(
            Embedding("text:m@1", 0, span, np.array([1, 0], np.float32), said.evidence_id),
        ),
        stage_runs=(),
        thumbnails=((0, b"\xff\xd8" + letter.encode()),),
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    with Library.create(tmp_path / "library") as library:
        library.publish(video("a", HOSTILE))
        library.publish(video("b", "/films/b.mp4"))
    return tmp_path / "library"


def check(root: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CINEDEX_")}
    environment = kept | {"CINEDEX_LIBRARY": str(root), "XDG_CONFIG_HOME": str(root.parent)}
    command = [sys.executable, "-m", "cinedex", "check", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def change_text(root: Path) -> None:
    with closing(sqlite3.connect(root / "catalogue.sqlite")) as connection:
        connection.execute("UPDATE evidence SET text = 'a rad door' WHERE id = 1")
        connection.commit()


def cut_off(root: Path) -> None:
    content = (root / "catalogue.sqlite").read_bytes()
    (root / "catalogue.sqlite").write_bytes(content[:-8192])


def test_a_whole_library_is_counted(root: Path) -> None:
    finished = check(root)
    assert finished.returncode == 0
    assert finished.stderr == f"{root} is whole\n"
    assert "videos" in finished.stdout
    report = json.loads(check(root, "--json").stdout)
    assert (report["is_good"], report["problems"], report["repair"]) == (True, [], None)
    assert report["counts"]["num_vectors"] == {"text:m@1": 2}
    assert [entry["num_evidence"] for entry in report["videos"]] == [1, 1]


def test_a_problem_is_shown_then_mended(root: Path) -> None:
    change_text(root)
    finished = check(root)
    assert finished.returncode == 4
    assert "is not what was published" in finished.stdout
    assert r"/films/a\n\x1b[31m [bold]b[/].mp4" in finished.stdout
    assert "\x1b" not in finished.stdout
    repaired = check(root, "--repair")
    assert repaired.returncode == 0
    assert "lost; index again" in repaired.stdout
    assert r"/films/a\n\x1b[31m [bold]b[/].mp4" in repaired.stdout
    assert check(root).returncode == 0


def test_a_repair_in_json(root: Path) -> None:
    cut_off(root)
    found = json.loads(check(root, "--json").stdout)
    assert (found["is_good"], found["problems"][0]["kind"]) == (False, "database")
    finished = check(root, "--repair", "--json")
    assert finished.returncode == 0
    document = json.loads(finished.stdout)
    assert (document["is_good"], document["problems"]) == (True, [])
    assert document["repair"]["damaged_copy"] == str(root / "catalogue.sqlite.damaged-1")
    assert document["repair"]["problems"] == found["problems"]
    assert len(document["videos"]) + len(document["repair"]["lost"]) == 2


def test_a_dump_is_nothing_but_its_lines(root: Path) -> None:
    with Library.open(root) as library:
        lines = list(library.dump())
    finished = check(root, "--dump")
    assert (finished.returncode, finished.stdout.splitlines()) == (0, lines)
    assert finished.stderr == ""
    change_text(root)
    broken = check(root, "--dump")
    assert broken.returncode == 4
    assert [line for line in broken.stdout.splitlines() if line not in lines]
    assert broken.stderr.startswith("error: video: /films/a")
    mended = check(root, "--repair", "--dump")
    assert mended.returncode == 0
    assert set(mended.stdout.splitlines()) < set(lines)
    assert mended.stderr.startswith("error: lost /films/a")


def test_what_cannot_be_asked_for(root: Path) -> None:
    assert check(root, "--dump", "--json").returncode == 2
    missing = check(root.parent / "none")
    assert missing.returncode == 4
    assert missing.stderr.startswith("error: no library at ")


def test_the_same_from_python(root: Path) -> None:
    assert check_library(root).is_good
    change_text(root)
    assert not check_library(str(root)).is_good
    assert [lost.path for lost in repair_library(root).lost] == [HOSTILE]
