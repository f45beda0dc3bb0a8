import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import pytest

from indexer.pool import WorkerPool
from store.errors import CinedexError, MediaError

# Deadlines are wide: a process takes a second to start on a machine that does much else.
PATIENCE_SECONDS = 60.0


def echo(task, tell):
    tell(f"began {task}")
    return task, os.getpid()


def make_echo():
    return echo


def make_slow():
    time.sleep(0.2)
    return lambda task, tell: (time.sleep(0.05), os.getpid())[1]


def die_the_first_times(folder, deaths, task, tell):
    marks = folder / task
    with marks.open("a") as file:
        file.write("x")
    if len(marks.read_text()) <= deaths.get(task, 0):
        os.kill(os.getpid(), signal.SIGKILL)
    return task


def make_dying(folder, deaths):
    return partial(die_the_first_times, folder, deaths)


def refuse(task, tell):
    raise MediaError(f"{task} is no film")


def make_refusing():
    return refuse


def make_nothing():
    raise MediaError("the weights are missing")


class UnreadableError(Exception):
    """Can be sent, and not be read: it is not made of its message alone."""

    def __init__(self, code, reason):
        super().__init__(f"{code}: {reason}")


def answer_oddly(task, tell):
    if task == "raise":
        raise UnreadableError(7, "no way back")
    return lambda: None


def make_odd():
    return answer_oddly


def speak_in_two_threads(task, tell):
    def speak(name):
        for number in range(task):
            tell((name, number, b"x" * 200_000))  # more than a pipe takes at once

    threads = [threading.Thread(target=speak, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def make_two_threads():
    return speak_in_two_threads


class NotOnTheOtherSide:
    """Pickles, and cannot be read back."""

    def __reduce__(self):
        return (os._exit, (7,))

    def __call__(self):
        raise AssertionError("never called")


def ignore(event):
    return None


def test_every_task_is_done_once_and_events_arrive():
    events = []
    with WorkerPool(make_echo, 2) as pool:
        ended = list(pool.run(["a", "b", "c", "d", "e"], events.append))
    assert sorted(end.result[0] for end in ended) == ["a", "b", "c", "d", "e"]
    assert len({end.result[1] for end in ended} - {os.getpid()}) <= 2
    assert sorted(events) == [f"began {task}" for task in "abcde"]


def test_work_is_made_once_in_a_process_and_never_in_more_than_asked():
    with WorkerPool(make_slow, 2) as pool:
        first = [end.result for end in pool.run(list(range(8)), ignore)]
        second = [end.result for end in pool.run(list(range(8)), ignore)]
    assert len(set(first + second)) == 2


def test_a_task_whose_worker_dies_is_tried_again_and_the_others_go_on(tmp_path):
    deaths, told = {"b": 2}, []
    make = partial(make_dying, tmp_path, deaths)
    with WorkerPool(make, 2, lambda task, reason: told.append((task, reason))) as pool:
        ended = {end.task: end for end in pool.run(["a", "b", "c"], ignore)}
    assert {task: end.result for task, end in ended.items()} == {"a": "a", "b": "b", "c": "c"}
    assert [task for task, _ in told] == ["b", "b"]
    assert "SIGKILL" in told[0][1]
    assert "out of memory" in told[0][1]
    assert [(tmp_path / task).read_text() for task in "abc"] == ["x", "xxx", "x"]


def test_a_task_that_kills_every_worker_is_given_up_and_the_others_are_done(tmp_path):
    make = partial(make_dying, tmp_path, {"b": 99})
    with WorkerPool(make, 2) as pool:
        ended = {end.task: end for end in pool.run(["a", "b", "c"], ignore)}
    assert (ended["a"].result, ended["c"].result, ended["b"].result) == ("a", "c", None)
    assert "3 times" in ended["b"].error
    assert (tmp_path / "b").read_text() == "xxx"


def test_what_the_work_raises_ends_the_run_and_keeps_its_kind():
    with WorkerPool(make_refusing, 1) as pool, pytest.raises(MediaError, match="a is no") as raised:
        list(pool.run(["a"], ignore))
    assert "in a worker process" in raised.value.__notes__[0]


def test_work_that_cannot_be_made_ends_the_run():
    with WorkerPool(make_nothing, 2) as pool, pytest.raises(MediaError, match="weights"):
        list(pool.run(["a", "b"], ignore))


@pytest.mark.parametrize(
    ("task", "words"), [("raise", "UnreadableError: 7: no way back"), ("return", "pickle")]
)
def test_what_cannot_be_sent_is_said_in_words(task, words):
    with WorkerPool(make_odd, 1) as pool, pytest.raises(Exception, match=words) as raised:
        list(pool.run([task], ignore))
    assert "in a worker process" in raised.value.__notes__[0]


def test_threads_of_a_task_do_not_talk_into_each_other():
    told = []
    with WorkerPool(make_two_threads, 1) as pool:
        list(pool.run([40], lambda event: told.append(event[:2])))
    for name in "ab":
        assert [event for event in told if event[0] == name] == [(name, i) for i in range(40)]


@pytest.mark.parametrize("num_workers", [0, -1])
def test_there_is_at_least_one_worker(num_workers):
    with pytest.raises(ValueError, match="1 or more"):
        WorkerPool(make_echo, num_workers)


def test_processes_that_cannot_start_end_the_run():
    with WorkerPool(NotOnTheOtherSide(), 1) as pool, pytest.raises(CinedexError, match="__main__"):
        list(pool.run(["a"], ignore))


def test_leaving_ends_the_processes_at_once():
    pids = []

    class EnoughError(Exception):
        pass

    def stop_at_two(pid):
        pids.append(pid)
        if len(pids) == 2:
            raise EnoughError

    started = time.monotonic()
    with pytest.raises(EnoughError), WorkerPool(make_sleeper, 2) as pool:
        list(pool.run([60, 60], stop_at_two))
    assert time.monotonic() - started < PATIENCE_SECONDS
    assert not any(map(alive, pids))


def test_a_run_that_is_left_early_leaves_nothing_for_the_next():
    with WorkerPool(make_echo, 1) as pool:
        running = pool.run(["a", "b", "c"], ignore)
        assert next(running).result[0] == "a"
        running.close()
        assert [end.result[0] for end in pool.run(["d"], ignore)] == ["d"]


def save_when_ended(path, task, tell):
    try:
        tell(os.getpid())
        time.sleep(60)
    finally:
        path.write_text("kept")


def make_saver(path):
    return partial(save_when_ended, path)


def test_work_that_is_interrupted_may_keep_what_it_has(tmp_path):
    class EnoughError(Exception):
        pass

    def stop(pid):
        raise EnoughError

    with (
        pytest.raises(EnoughError),
        WorkerPool(partial(make_saver, tmp_path / "found"), 1) as pool,
    ):
        list(pool.run(["a"], stop))
    assert (tmp_path / "found").read_text() == "kept"


def make_sleeper():
    def sleep(seconds, tell):
        tell(os.getpid())
        time.sleep(seconds)

    return sleep


def alive(pid):
    return Path(f"/proc/{pid}").exists()


PARENT = """
import sys, time
from indexer.pool import WorkerPool
from tests.indexer.test_pool import make_sleeper

if __name__ == "__main__":
    with WorkerPool(make_sleeper, 2) as pool:
        for _ in pool.run([60, 60], lambda pid: print(pid, flush=True)):
            pass
"""


@pytest.fixture
def parent(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([os.getcwd(), *sys.path])}
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    ) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_workers_end_with_their_parent(parent, ending):
    pids = [int(parent.stdout.readline()) for _ in range(2)]
    started = time.monotonic()
    if ending is signal.SIGINT:
        os.killpg(parent.pid, signal.SIGINT)  # Ctrl-C reaches every process of the terminal
    else:
        parent.kill()
    parent.wait(PATIENCE_SECONDS)
    while any(map(alive, pids)):
        assert time.monotonic() - started < PATIENCE_SECONDS
        time.sleep(0.02)
