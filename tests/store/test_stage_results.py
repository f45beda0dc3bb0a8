import sqlite3
from contextlib import closing

import pytest

from store.records import StageState
from tests.postgresql import WITH_VECTOR_FILES

VIDEO, KEY = "abc123", "key one"


@pytest.fixture
def results(library):
    return library.stage_results


def finished(results, stage="speech", key=KEY, parts=(b"what was heard",)):
    attempt, _ = results.begin(VIDEO, stage, key, {"version": 1})
    results.finish(VIDEO, stage, key, attempt, 1.5, parts)


@WITH_VECTOR_FILES
def test_what_a_stage_found_is_read_back_under_its_key_and_no_other(results):
    finished(results, parts=(b"one", b"two"))
    assert results.parts(VIDEO, "speech", KEY) == [b"one", b"two"]
    assert results.parts(VIDEO, "speech", "another") is None
    assert results.parts("another", "speech", KEY) is None
    (known,) = results.all_of(VIDEO).values()
    assert (known.state, known.attempt, known.seconds) == (StageState.FINISHED, 1, 1.5)
    assert known.facts == {"version": 1}


@WITH_VECTOR_FILES
def test_a_stage_that_was_killed_goes_on_from_its_parts(results):
    assert results.begin(VIDEO, "speech", KEY, {})[1] == []
    results.add_part(VIDEO, "speech", KEY, 1, 0, b"one")
    results.add_part(VIDEO, "speech", KEY, 1, 1, b"two")
    assert results.parts(VIDEO, "speech", KEY) is None
    assert results.begin(VIDEO, "speech", KEY, {})[1] == [b"one", b"two"]
    assert results.all_of(VIDEO)["speech"].attempt == 2


def test_parts_of_another_key_are_forgotten(results):
    results.begin(VIDEO, "speech", KEY, {})
    results.add_part(VIDEO, "speech", KEY, 1, 0, b"one")
    assert results.begin(VIDEO, "speech", "another", {})[1] == []
    results.add_part(VIDEO, "speech", KEY, 1, 1, b"of a process that was overtaken")
    assert results.begin(VIDEO, "speech", "another", {})[1] == []


def test_a_failure_says_why_and_keeps_what_was_found(results):
    results.begin(VIDEO, "speech", KEY, {})
    results.add_part(VIDEO, "speech", KEY, 1, 0, b"one")
    results.fail(VIDEO, "speech", KEY, 2.0, "the file vanished")
    assert results.all_of(VIDEO)["speech"].error == "the file vanished"
    assert results.begin(VIDEO, "speech", KEY, {})[1] == [b"one"]
    assert results.all_of(VIDEO)["speech"].error == ""


def test_a_damaged_part_is_forgotten_and_all_after_it(sqlite_library):
    results = sqlite_library.stage_results
    results.begin(VIDEO, "speech", KEY, {})
    for number, payload in enumerate((b"one", b"two", b"three")):
        results.add_part(VIDEO, "speech", KEY, 1, number, payload)
    finished(results, "tags", parts=(b"one", b"two", b"three"))
    with closing(sqlite3.connect(sqlite_library.root / "catalogue.sqlite")) as raw:
        raw.execute("UPDATE stage_part SET payload = x'00' WHERE number = 1")
        raw.commit()
    assert results.begin(VIDEO, "speech", KEY, {})[1] == [b"one"]
    assert results.parts(VIDEO, "tags", KEY) is None
    assert results.begin(VIDEO, "tags", KEY, {})[1] == []
    assert results.all_of(VIDEO)["tags"].state is StageState.RUNNING


@WITH_VECTOR_FILES
def test_what_has_finished_stays_whatever_a_slower_process_does(results):
    finished(results)
    assert results.begin(VIDEO, "speech", KEY, {})[1] == []
    results.add_part(VIDEO, "speech", KEY, 1, 0, b"half of it")
    results.fail(VIDEO, "speech", KEY, 2.0, "the file vanished")
    assert results.parts(VIDEO, "speech", KEY) == [b"what was heard"]


@pytest.mark.parametrize("damage", ["facts = '{'", "state = 'x'", "attempt = 'x'", "seconds = 'x'"])
def test_a_damaged_note_is_forgotten(sqlite_library, damage):
    results = sqlite_library.stage_results
    finished(results)
    with closing(sqlite3.connect(sqlite_library.root / "catalogue.sqlite")) as raw:
        raw.execute(f"UPDATE stage_result SET {damage}")
        raw.commit()
    assert results.all_of(VIDEO) == {}
    assert results.begin(VIDEO, "speech", KEY, {"version": 1})[1] == []
    finished(results)
    assert results.all_of(VIDEO)["speech"].facts == {"version": 1}


def test_stages_can_be_forgotten_one_by_one(results):
    finished(results, "speech")
    finished(results, "tags")
    results.forget(VIDEO, ["speech"])
    assert list(results.all_of(VIDEO)) == ["tags"]
    results.forget(VIDEO)
    assert results.all_of(VIDEO) == {}


@WITH_VECTOR_FILES
def test_removing_a_video_forgets_what_its_stages_found(library, full_video):
    video_id = full_video.video.video_id
    library.publish(full_video)
    library.stage_results.begin(video_id, "speech", KEY, {})
    library.stage_results.begin(VIDEO, "speech", KEY, {})
    library.remove(video_id)
    assert library.stage_results.all_of(video_id) == {}
    assert "speech" in library.stage_results.all_of(VIDEO)


def test_compacting_forgets_what_was_begun_and_never_published(library, full_video):
    results, video_id = library.stage_results, full_video.video.video_id
    library.publish(full_video)
    for one in (video_id, VIDEO):
        results.begin(one, "speech", KEY, {})
    library.compact(is_forced=True)
    assert "speech" in results.all_of(video_id)
    assert results.all_of(VIDEO) == {}


def test_of_two_processes_at_one_stage_only_the_later_keeps_parts(results):
    first, _ = results.begin(VIDEO, "thumbnails", KEY, {})
    results.add_part(VIDEO, "thumbnails", KEY, first, 0, b"a")
    second, left = results.begin(VIDEO, "thumbnails", KEY, {})
    assert (second, left) == (first + 1, [b"a"])
    results.add_part(VIDEO, "thumbnails", KEY, first, 1, b"b of the first")
    results.finish(VIDEO, "thumbnails", KEY, first, 1.0, None)
    assert results.all_of(VIDEO)["thumbnails"].state is StageState.RUNNING
    results.add_part(VIDEO, "thumbnails", KEY, second, 1, b"b")
    results.finish(VIDEO, "thumbnails", KEY, second, 1.0, None)
    assert list(results.each_part(VIDEO, "thumbnails", KEY)) == [b"a", b"b"]


def test_parts_that_are_read_one_by_one_are_finished_and_whole(results):
    results.begin(VIDEO, "thumbnails", KEY, {})
    with pytest.raises(LookupError, match="finished"):
        list(results.each_part(VIDEO, "thumbnails", KEY))
    finished(results, "thumbnails", parts=(b"one", b"two"))
    with results._database.writing() as session:
        session.connection().exec_driver_sql("UPDATE stage_part SET digest = '' WHERE number = 1")
    with pytest.raises(LookupError, match="part 1"):
        list(results.each_part(VIDEO, "thumbnails", KEY))
