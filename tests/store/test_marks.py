"""Marks in a library and in archives, on both databases."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from store.archive_file import ArchiveFile
from store.errors import LibraryDamagedError, QueryError
from store.exporting import export_library
from store.library import Library
from store.mark import Mark, Verdict
from store.merging import import_archive
from store.records import EvidenceKind, Scope
from store.repairing import repair_library
from store.scope_values import read_scope, scope_values
from store.tables import MarkRow
from store.timespan import TimeSpan
from tests.store.archives import forge, members

NOON = datetime(2026, 5, 4, 12, 0, 0, 250_000, tzinfo=UTC)
SHOW = Scope(series="The Show", up_to_episode=(2, -1))
FULL_SCOPE = Scope(
    video_ids=("a" * 32, "b" * 32),
    kinds=(EvidenceKind.SPEECH, EvidenceKind.SCREEN_TEXT),
    within=TimeSpan(0.5, 1_000_000.0),
    series="S",
    season=2,
    up_to_episode=(2, -1),
    language="en",
    speaker="Ann",
    from_episode=(1, 3),
    phrases=("red door",),
    without=("toy", "car"),
)


def right(letter="a", start=1.0, end=3.5, query="red door", scope=SHOW, **about):
    span = TimeSpan(start, end)
    return Mark(query, scope, Verdict.RIGHT, **{"marked_at": NOON, **about}, video_id=letter * 32,
                span=span)  # fmt: skip


def wrong(*place, **about):
    return replace(right(*place, **about), verdict=Verdict.WRONG)


def absent(query="red door", scope=SHOW, marked_at=NOON):
    return Mark(query, scope, Verdict.ABSENT, marked_at)


def later(mark, seconds=1):
    return replace(mark, marked_at=mark.marked_at + timedelta(seconds=seconds))


def test_marks_are_read_as_they_were_written_oldest_first(library):
    full = replace(
        right("b", 0.001, 2.002, "café -toy \U0001f3ac", FULL_SCOPE),
        shown=TimeSpan(0.0, 4.0),
        note="the blue one",
    )
    marks = [absent("submarine", Scope()), later(full), later(wrong(), 2)]
    for mark in reversed(marks):
        assert library.marks.put(mark) == ()
    assert library.marks.all() == marks


def test_a_span_has_one_verdict_in_one_scope(library):
    library.marks.put(right())
    elsewhere = right(scope=Scope())
    library.marks.put(elsewhere)
    again = later(wrong(note="no, a blue one"))
    assert library.marks.put(again) == (right(),)
    assert library.marks.all() == [elsewhere, again]


def test_a_right_moment_refutes_an_absence(library):
    library.marks.put(absent())
    library.marks.put(absent(scope=Scope()))
    library.marks.put(wrong())
    assert library.marks.put(right("b")) == (absent(),)
    assert set(library.marks.all()) == {absent(scope=Scope()), wrong(), right("b")}
    with pytest.raises(QueryError, match=r"'red door' has spans that are marked right \(1\)"):
        library.marks.put(absent())
    assert len(library.marks.all()) == 3


def test_marks_are_taken_out_by_what_they_are_on(library):
    for mark in (right(), wrong("b"), absent("submarine")):
        library.marks.put(mark)
    assert library.marks.remove([wrong(), absent("submarine"), right("c")]) == 2
    assert library.marks.all() == [wrong("b")]


def test_marks_outlive_another_index_and_the_removal_of_their_video(library, make_video):
    library.publish(make_video("a", ["a red door"]))
    library.marks.put(right())
    library.publish(make_video("a", ["another line"]))
    assert library.marks.all() == [right()]
    library.remove("a" * 32)
    assert library.marks.all() == [right()]


@pytest.mark.parametrize(
    "wrongly",
    [
        {"query": "  "},
        {"span": None},
        {"video_id": None},
        {"verdict": Verdict.ABSENT},
        {"span": TimeSpan(1.0, 1.0004)},
        {"marked_at": NOON.replace(tzinfo=None)},
    ],
)
def test_what_is_no_mark_is_refused(wrongly):
    with pytest.raises(ValueError, match=r"mark|said of"):
        replace(right(), **wrongly)


@pytest.mark.parametrize("scope", [Scope(), SHOW, FULL_SCOPE, Scope(video_ids=(), within=None)])
def test_a_scope_is_written_and_read(scope):
    assert read_scope(json.loads(json.dumps(scope_values(scope)))) == scope


@pytest.mark.parametrize(
    "value",
    [
        [], {"serie": "x"}, {"series": 1}, {"kinds": ["smell"]}, {"season": True},
        {"within": [0, 1]}, {"within": {"start_seconds": 2, "end_seconds": 1}},
        {"up_to_episode": [1]}, {"phrases": "red"},
    ],
)  # fmt: skip
def test_what_is_no_scope_is_refused(value):
    with pytest.raises(ValueError, match=r"."):
        read_scope(value)


def exported(library, path):
    export_library(library, path, made_by="test", overwrites=True)
    return path


def imported(library, path):
    with ArchiveFile(path) as archive:
        return import_archive(library, archive)


def test_marks_go_there_and_back_each_once(library, tmp_path):
    marks = [
        replace(right(scope=FULL_SCOPE), shown=TimeSpan(0.0, 9.0), note="é"),
        later(wrong("b")),
        later(absent("submarine"), 2),
    ]
    for mark in marks:
        library.marks.put(mark)
    path = exported(library, tmp_path / "x")
    with Library.create(tmp_path / "other") as other:
        assert imported(other, path).num_marks == 3
        assert other.marks.all() == marks
        assert imported(other, path).num_marks == 0
        assert exported(other, tmp_path / "y").read_bytes() == path.read_bytes()
    assert imported(library, path).num_marks == 0


def test_of_two_verdicts_the_later_stays_and_a_right_moment_refutes(library):
    ours = [wrong(), right("b", query="ship"), absent("sea"), later(right("c"), 5)]
    for mark in ours:
        library.marks.put(mark)
    theirs = [later(right()), absent("ship"), right("b", query="sea"), wrong("c"), wrong("c")]
    assert library.marks.merge(theirs) == 2
    assert set(library.marks.all()) == {
        later(right()), ours[1], right("b", query="sea"), ours[3],
    }  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        b'{"query": "x"}',
        {"verdict": "perhaps"},
        {"span": [3, 1]},
        {"marked_at": "2026-05-04T12:00:00"},
        {"marked_at": "noon"},
        {"scope": {"colour": "red"}},
        {"video_id": None},
        {"more": 1},
    ],
)
def test_forged_marks_are_refused_and_none_is_taken(sqlite_library, tmp_path, line):
    sqlite_library.marks.put(right())
    sqlite_library.marks.put(later(right("b")))
    contents = members(exported(sqlite_library, tmp_path / "x"))
    lines = contents["marks.jsonl"].splitlines()
    lines[1] = line if isinstance(line, bytes) else json.dumps(json.loads(lines[1]) | line).encode()
    forge(tmp_path / "forged", contents | {"marks.jsonl": b"\n".join(lines) + b"\n"})
    with Library.create(tmp_path / "other") as other:
        report = imported(other, tmp_path / "forged")
        assert "the list of marks cannot be read" in report.marks_error
        assert (report.num_marks, report.answers_error, other.marks.all()) == (0, "", [])


def test_an_archive_of_a_time_without_marks_is_read(sqlite_library, tmp_path):
    sqlite_library.save_answer({"text": "yes"})
    contents = members(exported(sqlite_library, tmp_path / "x"))
    manifest = json.loads(contents.pop("manifest.json")) | {"format": 1}
    del manifest["marks"], contents["marks.jsonl"]
    written = json.dumps(manifest).encode()
    forge(tmp_path / "old", contents | {"manifest.json": written}, fix=False)
    with Library.create(tmp_path / "other") as other:
        report = imported(other, tmp_path / "old")
        assert (report.answers.num_answers, report.num_marks, report.marks_error) == (1, 0, "")


def test_a_mark_that_nobody_wrote_is_damage(sqlite_library):
    with sqlite_library._database.writing() as session:
        broken = {"query": "x", "scope": {}, "verdict": "right", "marked_at_milliseconds": 1}
        session.execute(insert(MarkRow).values(broken))
    with pytest.raises(LibraryDamagedError, match="check --repair"):
        sqlite_library.marks.all()


def test_marks_are_saved_from_a_damaged_catalogue(tmp_path):
    root = tmp_path / "library"
    with Library.create(root) as library:
        for mark in (right(), later(absent("submarine"))):
            library.marks.put(mark)
    spoil(root / "catalogue.sqlite")
    repair_library(root)
    with Library.open(root) as library:
        assert library.marks.all() == [right(), later(absent("submarine"))]


def spoil(path: Path) -> None:
    """Lose the page that leads to the videos."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'video'")
        (size,) = connection.execute("PRAGMA page_size")
    content = bytearray(path.read_bytes())
    start = (page[0] - 1) * size[0]
    content[start : start + size[0]] = bytes(size[0])
    path.write_bytes(content)
