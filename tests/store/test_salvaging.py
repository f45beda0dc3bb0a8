"""Saving what can be read of SQLite files with real damage."""

import json
import random
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing

import numpy as np
import pytest

from store.backends.sqlite_pages import PAGE_BYTES, leaf_rows
from store.check_report import ProblemKind
from store.checking import check_library
from store.errors import LibraryDamagedError, LibraryLockedError, UnknownNameError
from store.library import Library
from store.repairing import repair_library

LETTERS = "abcdef"
NUM_TEXTS = 40
ANSWER = {"text": "the red one"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory, request):
    """A library of six videos over some sixty pages: its directory, its file, what it says."""
    root = tmp_path_factory.mktemp("whole") / "library"
    make = request.getfixturevalue("make_video_once")
    with Library.create(root) as library:
        for number, letter in enumerate(LETTERS):
            vectors = np.random.default_rng(number).normal(size=(NUM_TEXTS, 4)).astype(np.float32)
            texts = [f"sentence {i} of film {letter} about red doors" for i in range(NUM_TEXTS)]
            library.publish(make(letter, texts, vectors=vectors))
        library.save_answer(ANSWER)
        lines = by_video(library.dump())
    with closing(sqlite3.connect(root / "catalogue.sqlite")) as connection:
        connection.execute("INSERT INTO judgement VALUES (1, 1, 1, 'well')")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        roots = dict(connection.execute("SELECT name, rootpage FROM sqlite_schema"))
    return (root / "catalogue.sqlite").read_bytes(), lines, roots


@pytest.fixture(scope="module")
def make_video_once(request):
    """``make_video`` for a fixture that outlives a test."""
    from tests.store import conftest

    return conftest.make_video.__wrapped__()


def by_video(lines):
    found = {}
    for line in lines:
        part = json.loads(line)
        if part["part"] == "video":
            group = found.setdefault(part["video_id"], [])
        group.append(line)
    return found


@pytest.fixture
def broken(tmp_path, whole):
    """Make a library with a damaged catalogue."""

    def make(damage):
        root = tmp_path / "library"
        Library.create(root).close()
        content = bytearray(whole[0])
        (root / "catalogue.sqlite").write_bytes(damage(content) or content)
        return root

    return make


def zeroed(*pages):
    def damage(content):
        for page in pages:
            content[(page - 1) * PAGE_BYTES : page * PAGE_BYTES] = bytes(PAGE_BYTES)

    return damage


def flipped(seed, num_bits):
    def damage(content):
        chosen = random.Random(seed)
        for _ in range(num_bits):
            content[chosen.randrange(len(content))] ^= 1 << chosen.randrange(8)

    return damage


def require_saved(root, whole, repaired):
    """All that survives is what was published; the rest is named; the library works."""
    lines = whole[1]
    lost = {video.video_id for video in repaired.lost}
    assert repaired.after.problems == ()
    with Library.open(root) as library:
        assert by_video(library.dump()) == {
            video_id: said for video_id, said in lines.items() if video_id not in lost
        }
        kept = len(lines) - len(lost)
        assert len(library.search_text(["doors"], 1000)) == kept * NUM_TEXTS
        if kept:
            query = np.array([[1, 0, 0, 0]], np.float32)
            (found,) = library.search_vectors("text:mini@1", query, 1000, query_encoder_id="mini@1")
            assert len(found) == kept * NUM_TEXTS
    return {video_id[0] for video_id in lost}


@pytest.mark.parametrize("of", ["page 1", "pointer map", "sqlite_autoindex_video_1", "evidence"])
def test_everything_is_saved_when_only_what_leads_to_the_rows_is_lost(whole, broken, of):
    page = {"page 1": 1, "pointer map": 2}.get(of) or whole[2][of]
    root = broken(zeroed(page))
    report = check_library(root)
    assert report.has(ProblemKind.DATABASE)
    assert all(found.is_repairable for found in report.problems)
    repaired = repair_library(root)
    assert require_saved(root, whole, repaired) == set()
    with Library.open(root) as library:
        assert library.answer(1) == ANSWER
        assert library.generation() > (6 if of != "page 1" else 5)


def test_the_damaged_file_is_kept_as_it_was(whole, broken):
    root = broken(zeroed(whole[2]["clip"]))
    damaged = (root / "catalogue.sqlite").read_bytes()
    (root / "catalogue.sqlite.damaged-1").write_bytes(b"of an earlier time")
    repaired = repair_library(root)
    assert repaired.damaged_copy == root / "catalogue.sqlite.damaged-2"
    assert repaired.damaged_copy.read_bytes() == damaged
    for file in (repaired.damaged_copy, root / "catalogue.sqlite"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (root / "catalogue.sqlite.damaged-1").read_bytes() == b"of an earlier time"
    assert {file.name for file in root.iterdir()} == {
        "catalogue.sqlite", "catalogue.sqlite.damaged-1", "catalogue.sqlite.damaged-2",
        "library.toml", "thumbnails", "vectors",
    }  # fmt: skip


def test_a_lost_page_of_rows_costs_the_videos_on_it_and_no_other(whole, broken, tmp_path):
    content, _, _ = whole
    (tmp_path / "file").write_bytes(content)
    marker = b"sentence 20 of film c"
    page = content.index(marker) // PAGE_BYTES + 1
    root = broken(zeroed(page))
    repaired = repair_library(root)
    lost = require_saved(root, whole, repaired)
    assert "c" in lost
    assert len(lost) <= 2
    assert {video.path for video in repaired.lost} == {f"/films/{letter}.mp4" for letter in lost}
    with closing(sqlite3.connect(root / "catalogue.sqlite")) as connection:
        assert connection.execute("SELECT * FROM judgement").fetchall() == [(1, 1, 1, "well")]


@pytest.mark.parametrize("seed", range(3))
def test_flipped_bits_never_change_what_is_said(whole, broken, seed):
    root = broken(flipped(seed, 2 + 8 * seed))
    repaired = repair_library(root)
    require_saved(root, whole, repaired)
    with Library.open(root) as library:
        try:
            assert library.answer(1) == ANSWER
        except UnknownNameError:
            assert repaired.unread


@pytest.mark.parametrize("share", [0.98, 0.2])
def test_a_file_that_was_cut_off(whole, broken, share):
    root = broken(lambda content: content[: int(len(content) * share)])
    with pytest.raises(LibraryDamagedError, match="check --repair"), Library.open(root) as library:
        list(library.dump())
    repaired = repair_library(root)
    lost = require_saved(root, whole, repaired)
    assert lost == (set() if share == 0.98 else set(LETTERS))


@pytest.mark.parametrize("content", [b"", b"x", random.Random(1).randbytes(100_000)])
def test_a_file_that_is_no_database_leaves_an_empty_library_that_says_so(
    broken, make_video, content
):
    root = broken(lambda _: None)
    (root / "catalogue.sqlite").write_bytes(content)
    (root / "thumbnails" / ("a" * 32)).mkdir()
    assert check_library(root).has(ProblemKind.DATABASE)
    repaired = repair_library(root)
    assert [video.video_id for video in repaired.lost] == ["a" * 32]
    assert len(repaired.unread) == 3
    assert repaired.after.problems == ()
    with Library.open(root) as library:
        assert library.videos() == []
        library.publish(make_video("a"))
    assert check_library(root).problems == ()


def test_a_video_that_lost_its_row_is_named_by_the_index(whole, broken):
    root = broken(zeroed(whole[2]["video"]))
    repaired = repair_library(root)
    assert require_saved(root, whole, repaired) == set(LETTERS)
    assert {video.path for video in repaired.lost} == {""}


def test_what_was_only_in_the_log_is_saved_too(whole, broken, make_video):
    """A crash: the log was not yet copied into the file, of which a page is lost."""
    root = broken(zeroed(whole[2]["clip"]))
    program = f"""
import os, sqlite3
connection = sqlite3.connect({str(root / "catalogue.sqlite")!r})
connection.execute("PRAGMA wal_autocheckpoint = 0")
connection.execute("INSERT INTO answer VALUES (9, '[9]')")
connection.commit()
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
    assert (root / "catalogue.sqlite-wal").stat().st_size
    repaired = repair_library(root)
    assert require_saved(root, whole, repaired) == set()
    with Library.open(root) as library:
        assert library.answer(9) == [9]


def test_videos_of_0_1_are_saved_where_nothing_was_lost(whole, broken):
    root = broken(lambda content: None)
    with closing(sqlite3.connect(root / "catalogue.sqlite")) as connection:
        connection.execute("UPDATE video SET content_digest = NULL WHERE id > 3")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray((root / "catalogue.sqlite").read_bytes())
    zeroed(whole[2]["evidence_clip"])(content)
    (root / "catalogue.sqlite").write_bytes(content)
    assert require_saved(root, whole, repair_library(root)) == set()


def test_a_library_that_is_open_elsewhere_is_not_replaced(whole, broken):
    root = broken(zeroed(whole[2]["clip"]))
    damaged = (root / "catalogue.sqlite").read_bytes()
    program = f"""
import sys
from pathlib import Path
from store.library import Library
with Library.open(Path({str(root)!r})) as library:
    library.generation()
    print("open", flush=True)
    sys.stdin.readline()
"""
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as other:  # fmt: skip
        assert other.stdout.readline() == "open\n"
        with pytest.raises(LibraryLockedError, match="open"):
            repair_library(root, busy_timeout_seconds=0.2)
        assert (root / "catalogue.sqlite").read_bytes() == damaged
        assert not list(root.glob("*damaged*"))
        other.communicate("\n")
    assert require_saved(root, whole, repair_library(root)) == set()


def repaired_elsewhere(root, before):
    """Repair in another process, after some lines of preparation."""
    program = f"""
import os, resource, sys
from pathlib import Path
from store.errors import LibraryError
from store.repairing import repair_library
root = Path({str(root)!r})
on_video = None
{before}
try:
    repair_library(root, on_video=on_video)
except LibraryError as error:
    sys.exit(str(error))
"""
    return subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )


@pytest.mark.parametrize("share", [0.5, 1.1])
def test_a_full_disk_changes_nothing(whole, broken, share):
    """Files may grow to so much of the catalogue, and no further: no copy, or no rows beside it."""
    root = broken(zeroed(whole[2]["clip"]))
    damaged = (root / "catalogue.sqlite").read_bytes()
    most = int(len(damaged) * share)
    finished = repaired_elsewhere(
        root, f"resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}))"
    )
    assert finished.returncode
    assert "Traceback" not in finished.stderr
    assert (root / "catalogue.sqlite").read_bytes() == damaged
    assert not [file for file in root.iterdir() if "sqlite." in file.name]
    assert require_saved(root, whole, repair_library(root)) == set()


def test_a_repair_that_is_killed_changes_nothing(whole, broken):
    root = broken(zeroed(whole[2]["clip"]))
    damaged = (root / "catalogue.sqlite").read_bytes()
    finished = repaired_elsewhere(
        root,
        "def on_video(done, total):\n"
        "    if done == 3 and list(root.glob('*damaged-1')):\n"
        "        os._exit(9)",
    )
    assert finished.returncode == 9
    assert (root / "catalogue.sqlite").read_bytes() == damaged
    repaired = repair_library(root)
    assert require_saved(root, whole, repaired) == set()
    assert repaired.damaged_copy.name == "catalogue.sqlite.damaged-2"


def test_pages_are_read_as_sqlite_reads_them(tmp_path):
    file = tmp_path / "file.sqlite"
    rows = [
        (1, None, 0, 1, -1, 127, -32768, 8_388_607, 2**31 - 1, -(2**47), 2**63 - 1),
        (2**40, 0.5, 1e300, "", "zażółć", b"", b"\0\xff", "x" * 50_000, bytes(9000), 2, None),
    ]
    with closing(sqlite3.connect(file)) as connection:
        names = ", ".join(f"c{i}" for i in range(10))
        connection.execute(f"CREATE TABLE t (id INTEGER PRIMARY KEY, {names})")
        marks = ", ".join("?" * 11)
        connection.executemany(f"INSERT INTO t VALUES ({marks})", rows)
        connection.executemany("INSERT INTO t (c0) VALUES (?)", [("y" * 4061,), ("z" * 4070,)])
        connection.commit()
        expected = connection.execute("SELECT * FROM t ORDER BY id").fetchall()
    found = sorted((row, tuple(values)) for row, values in leaf_rows(file) if values[0] is None)
    assert [(row, *values[1:]) for row, values in found] == expected


def test_what_was_deleted_stays_deleted(tmp_path):
    file = tmp_path / "file.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, c)")
        connection.executemany("INSERT INTO t (c) VALUES (?)", [("x" * 1000,)] * 100)
        connection.commit()
        connection.execute("DROP TABLE t")
        connection.commit()
    assert b"x" * 1000 in file.read_bytes()
    assert [values for _, values in leaf_rows(file) if values[0] is None] == []
