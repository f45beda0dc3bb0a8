import pytest

from indexer.part_queue import MAX_ATTEMPTS, PartQueue
from indexer.parts import Part

LOOK, LISTEN, DESCRIBE = Part.LOOK, Part.LISTEN, Part.DESCRIBE


def test_describing_waits_for_looking_and_listening():
    queue = PartQueue()
    queue.add("a", [LOOK, LISTEN, DESCRIBE])
    assert queue.start(DESCRIBE) is None
    look, listen = queue.start(LOOK), queue.start(LISTEN)
    assert [(run.video_id, run.part, run.attempt) for run in (look, listen)] == [
        ("a", LOOK, 1),
        ("a", LISTEN, 1),
    ]
    assert queue.start(DESCRIBE) is None
    assert queue.finish(look) is False
    assert queue.start(DESCRIBE) is None
    assert queue.finish(listen) is False
    describe = queue.start(DESCRIBE)
    assert queue.finish(describe) is True


def test_what_need_not_run_is_not_waited_for():
    queue = PartQueue()
    queue.add("a", [DESCRIBE])
    assert queue.finish(queue.start(DESCRIBE)) is True


def test_earlier_videos_come_first_and_later_ones_do_not_wait_for_them():
    queue = PartQueue()
    queue.add("a", [LOOK, DESCRIBE])
    queue.add("b", [LOOK])
    queue.add("c", [DESCRIBE])
    assert queue.start(LOOK).video_id == "a"
    assert queue.start(LOOK).video_id == "b"
    assert queue.start(LOOK) is None
    assert queue.start(DESCRIBE).video_id == "c"


def test_a_death_is_tried_again_before_later_videos_and_not_for_ever():
    queue = PartQueue()
    queue.add("a", [LOOK])
    queue.add("b", [LOOK])
    for attempt in range(1, MAX_ATTEMPTS):
        run = queue.start(LOOK)
        assert (run.video_id, run.part, run.attempt) == ("a", LOOK, attempt)
        assert queue.die(run) is True
    assert queue.die(queue.start(LOOK)) is False
    queue.drop("a")
    assert queue.start(LOOK).video_id == "b"


def test_what_is_given_up_is_not_missed():
    queue = PartQueue()
    queue.add("a", [LOOK, LISTEN])
    look, listen = queue.start(LOOK), queue.start(LISTEN)
    queue.drop("a")
    assert queue.finish(look) is False
    assert queue.die(listen) is True
    assert queue.start(LISTEN) is None


def test_an_end_of_an_earlier_life_is_not_taken_for_the_new_one():
    queue = PartQueue()
    queue.add("a", [LOOK])
    early = queue.start(LOOK)
    queue.drop("a")
    queue.add("a", [LOOK])
    late = queue.start(LOOK)
    assert not queue.is_running(early)
    assert queue.finish(early) is False
    assert queue.die(early) is True
    assert queue.start(LOOK) is None  # its death is no reason to try again
    assert queue.is_running(late)
    assert queue.finish(late) is True


def test_a_video_is_taken_up_once():
    queue = PartQueue()
    queue.add("a", [LOOK])
    with pytest.raises(ValueError, match="under way"):
        queue.add("a", [LOOK])
