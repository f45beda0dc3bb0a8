import hashlib
import json
import multiprocessing
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from store.archive_file import ArchiveFile
from store.errors import ArchiveError
from store.exporting import export_library
from store.layout import LibrarySettings
from store.library import Library
from store.merging import MergeState, import_archive
from store.records import Space, StageRun
from store.relocating import path_maps
from store.tables import AnswerRow, JudgementRow
from tests.store.archives import forge, members

ADDED, SAME, KEPT = MergeState.ADDED, MergeState.SAME, MergeState.KEPT
REPLACED, FAILED = MergeState.REPLACED, MergeState.FAILED


def exported(library, path, **options):
    export_library(library, path, made_by="test", overwrites=True, **options)
    return path


def imported(library, path, **options):
    with ArchiveFile(path) as archive:
        return import_archive(library, archive, **options)


def states(report):
    return [result.state for result in report.results]


def judged(library, payload, *marks):
    answer = library.save_answer(payload)
    with library._database.writing() as session:
        for is_right, note in marks:
            session.add(JudgementRow(answer=answer, is_right=is_right, note=note))
    return answer


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def other(request, tmp_path):
    """A second library, on either database whatever the first is on."""
    chosen = LibrarySettings()
    if request.param == "postgresql":
        catalogue = request.getfixturevalue("postgresql").new_database()
        chosen = LibrarySettings(catalogue=catalogue)
    with Library.create(tmp_path / "other", settings=chosen) as made:
        yield made


@pytest.fixture
def second(tmp_path):
    """A second library, on SQLite."""
    with Library.create(tmp_path / "second") as made:
        yield made


def test_a_library_goes_there_and_back(library, other, full_video, make_video, tmp_path):
    library.publish(full_video)
    library.publish(make_video("a", ["red door", "blue door"]))
    judged(library, {"text": "yes", "x": [1.5, None, "\udcff\0"]}, (True, None), (False, "no"))
    judged(library, {"text": "other"})
    told = []
    path = exported(library, tmp_path / "x", on_videos=lambda *done: told.append(done))
    report = imported(other, path, on_videos=lambda *done: told.append(done))
    assert told == [(1, 2), (2, 2)] * 2
    assert states(report) == [ADDED, ADDED]
    assert (report.answers.num_answers, report.answers.num_judgements) == (2, 2)
    assert list(other.dump()) == list(library.dump())
    assert list(other.answers()) == list(library.answers())
    assert dict(other.indexed_video(full_video.video.video_id).thumbnails) == dict(
        full_video.thumbnails
    )
    assert other.search_text(["red"], 1)[0].evidence.text == "red door"
    query = full_video.embeddings[2].vector[None]
    (hits,) = other.search_vectors("picture:head@1", query, 1, query_encoder_id="mini@1")
    assert hits[0].clip.ordinal == 1
    assert exported(other, tmp_path / "y").read_bytes() == path.read_bytes()


def test_importing_again_changes_nothing(library, full_video, tmp_path):
    library.publish(full_video)
    judged(library, {"text": "yes"}, (True, "sure"), (True, "sure"))
    path = exported(library, tmp_path / "x")
    before, generation = list(library.dump()), library.generation()
    report = imported(library, path)
    assert states(report) == [SAME]
    assert (report.answers.num_answers, report.answers.num_judgements) == (0, 0)
    assert (list(library.dump()), library.generation()) == (before, generation)


def test_what_is_the_same_gets_the_paths_of_both_ours_first(library, other, full_video, tmp_path):
    there = replace(full_video.video, paths=("/there/a.mkv", "/both.mkv"))
    here = replace(full_video.video, paths=("/both.mkv", "/here.mkv"))
    slower = tuple(StageRun(run.stage, run.key, 9.0) for run in full_video.stage_runs)
    library.publish(replace(full_video, video=there))
    other.publish(replace(full_video, video=here, stage_runs=slower))
    assert states(imported(other, exported(library, tmp_path / "x"))) == [SAME]
    assert other.videos()[0].paths == ("/both.mkv", "/here.mkv", "/there/a.mkv")
    assert other.stage_runs(full_video.video.video_id)[0].seconds == 9.0


def test_what_differs_is_kept_unless_it_is_to_be_replaced(library, other, make_video, tmp_path):
    theirs = make_video("a", ["a red door"])
    library.publish(theirs)
    ours = make_video("a", ["a blue door"])
    other.publish(replace(ours, video=replace(ours.video, paths=("/ours.mp4",))))
    path = exported(library, tmp_path / "x")
    before = list(other.dump())
    report = imported(other, path)
    assert states(report) == [KEPT]
    assert report.kept[0].title == "Film a"
    assert list(other.dump()) == before
    assert states(imported(other, path, replaces=True)) == [REPLACED]
    assert [part.text for part in other.evidence("a" * 32)] == ["a red door"]
    assert other.videos()[0].paths == ("/ours.mp4", "/films/a.mp4")
    assert states(imported(other, path, replaces=True)) == [SAME]


def test_a_space_of_another_encoder_fails_its_videos_alone(library, other, make_video, tmp_path):
    first, second = make_video("a"), make_video("b")
    mine = Space("text:mini@1", "another@2", "another@2", 4, "text")
    away = replace(second, spaces=(replace(mine, space_id="text:second"),), embeddings=())
    library.publish(replace(first, thumbnails=((0, b"\xff\xd8a"),)))
    library.publish(away)
    other.publish(replace(make_video("c"), spaces=(mine,)))
    report = imported(other, exported(library, tmp_path / "x"))
    assert states(report) == [FAILED, ADDED]
    assert report.failed[0].error_type == "EncoderMismatchError"
    assert "another@2" in report.failed[0].error
    assert {video.title for video in other.videos()} == {"Film b", "Film c"}
    assert list((other.root / "thumbnails").iterdir()) == []


def test_a_damaged_video_fails_alone(library, second, full_video, make_video, tmp_path):
    library.publish(full_video)
    library.publish(make_video("a"))
    judged(library, {"text": "yes"})
    path = exported(library, tmp_path / "x")
    name = f"videos/{full_video.video.video_id}/vectors.f16"
    forge(path, members(path) | {name: b"\xff" * 24})  # not numbers
    report = imported(second, path)
    assert states(report) == [FAILED, ADDED]
    assert report.failed[0].error_type == "ArchiveError"
    assert "finite" in report.failed[0].error
    assert [video.title for video in second.videos()] == ["Film a"]
    assert report.answers.num_answers == 1
    assert not (second.root / "thumbnails" / full_video.video.video_id).exists()


@pytest.mark.parametrize(
    "line",
    [
        {"payload": 1, "judgements": []},
        {"payload": {}},
        {"payload": {"a": json.loads("[" * 900 + "]" * 900)}, "judgements": []},
        {"payload": {}, "judgements": [{"is_right": 1, "note": None}]},
        {"payload": {}, "judgements": [{"is_right": True, "note": 3}]},
        {"payload": {}, "judgements": [], "more": 1},
    ],
)
def test_damaged_answers_are_not_added_and_videos_are(
    sqlite_library, second, make_video, tmp_path, line
):
    sqlite_library.publish(make_video("a"))
    path = exported(sqlite_library, tmp_path / "x")
    good = {"payload": {"text": "good"}, "judgements": []}
    forge(
        path, members(path) | {"answers.jsonl": f"{json.dumps(good)}\n{json.dumps(line)}".encode()}
    )
    report = imported(second, path)
    assert states(report) == [ADDED]
    assert "answers" in report.answers_error
    assert list(second.answers()) == []


def test_answers_are_joined_with_what_was_said_of_them(library, other, tmp_path):
    judged(library, {"text": "a", "n": 1}, (True, "x"), (False, None))
    judged(library, {"text": "b"})
    judged(other, {"text": "c"})
    judged(other, {"n": 1, "text": "a"}, (True, "x"), (True, "y"))
    report = imported(other, exported(library, tmp_path / "x"))
    assert (report.answers.num_answers, report.answers.num_judgements) == (1, 1)
    found = [
        (answer.payload["text"], [(mark.is_right, mark.note) for mark in answer.judgements])
        for answer in other.answers()
    ]
    assert found == [("c", []), ("a", [(True, "x"), (True, "y"), (False, None)]), ("b", [])]


def test_many_answers_keep_their_order(library, tmp_path, other):
    with library._database.writing() as session:
        session.add_all([AnswerRow(payload={"n": number}) for number in range(450)])
    imported(other, exported(library, tmp_path / "x"))
    assert [answer.payload["n"] for answer in other.answers()] == list(range(450))


def test_paths_are_mapped_while_importing(library, other, full_video, make_video, tmp_path):
    library.publish(full_video)
    library.publish(make_video("a"))
    path = exported(library, tmp_path / "x")
    imported(other, path, maps=path_maps(["/films=/mnt/nas"]))
    by_title = {video.title: video.paths for video in other.videos()}
    assert by_title == {
        "Ein Film": ("/mnt/nas/new\nline 'x' \U0001f3ac.mkv", "/mnt/nas/öld \udcff.mkv"),
        "Film a": ("/mnt/nas/a.mp4",),
    }
    assert [line for line in other.dump() if '"paths"' not in line] == [
        line for line in library.dump() if '"paths"' not in line
    ]


def test_an_interrupted_import_keeps_whole_videos(sqlite_library, second, make_video, tmp_path):
    for letter in "abc":
        sqlite_library.publish(make_video(letter))
    path = exported(sqlite_library, tmp_path / "x")

    def interrupt(done, _):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        imported(second, path, on_videos=interrupt)
    assert len(second.videos()) == 2
    assert states(imported(second, path)) == [SAME, SAME, ADDED]
    assert list(second.dump()) == list(sqlite_library.dump())


def _import_and_die(root: Path, path: Path) -> None:
    def die(done, _):
        if done == 2:
            os.kill(os.getpid(), signal.SIGKILL)

    with Library.create(root) as library:
        imported(library, path, on_videos=die)


def test_a_killed_import_is_simply_run_again(sqlite_library, make_video, tmp_path):
    for letter in "abc":
        sqlite_library.publish(make_video(letter))
    path = exported(sqlite_library, tmp_path / "x")
    process = multiprocessing.get_context("spawn").Process(
        target=_import_and_die, args=(tmp_path / "killed", path)
    )
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    with Library.open(tmp_path / "killed") as killed:
        assert states(imported(killed, path)) == [SAME, SAME, ADDED]
        assert list(killed.dump()) == list(sqlite_library.dump())


def test_an_archive_of_nothing(library, other, tmp_path):
    report = imported(other, exported(library, tmp_path / "x"))
    assert (report.results, report.answers.num_answers) == ((), 0)


def test_an_import_does_not_change_the_archive(sqlite_library, second, full_video, tmp_path):
    sqlite_library.publish(full_video)
    path = exported(sqlite_library, tmp_path / "x")
    digest = hashlib.sha256(path.read_bytes()).digest()
    imported(second, path)
    assert hashlib.sha256(path.read_bytes()).digest() == digest
    with pytest.raises(ArchiveError, match="no archive"):
        imported(second, tmp_path / "none")
