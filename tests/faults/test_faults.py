"""Faults: after each the library is as it was published last, and the work can be taken up again.

What "as it was" means is in ``states.py``, the outcome of each kind at the top of its module.
``python -m benchmarks.faults`` does the same some hundreds of times.
"""

import pytest

from store.layout import Layout
from store.library import Library
from tests.faults import kinds
from tests.faults.ground import Ground
from tests.faults.kills import KillAt, StopAtState
from tests.faults.states import problems, read_state
from tests.faults.workloads import EMPTY, made_up

HERE = {
    "killed between stages": 4,
    "killed at a statement": 3,
    "killed at a write": 5,
    "killed with half a write": 4,
    "killed at random": 2,
    "disk full at a write": 6,
    "disk full to the brim": 2,
    "page damaged": 5,
    "vector file damaged": 7,
    "clock jumps": 1,
    "two publish, one is killed": 1,
    "two index, one is killed": 1,
}
ON_A_SERVER = {"connections cut": 2, "server down and up": 1}


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    made = Ground(tmp_path_factory.mktemp("faults") / "ground")
    yield made
    made.close()


@pytest.fixture(scope="module")
def served_ground(tmp_path_factory, postgresql):
    made = Ground(tmp_path_factory.mktemp("faults") / "served", postgresql)
    yield made
    made.close()


def some(counts):
    return [
        pytest.param(name, (number + 0.5) / count, number, id=f"{name} {number}")
        for name, count in counts.items()
        for number in range(count)
    ]


def check(ground: Ground, name: str, place: float, seed: int) -> None:
    if missing := kinds.lacks(ground, kinds.KINDS[name]):
        pytest.skip(f"this needs {missing}")
    verdict = kinds.injected(ground, name, place, seed)
    assert verdict.has_fired, verdict.outcome
    assert verdict.loss == ""
    assert verdict.litter == ()


@pytest.mark.parametrize(("name", "place", "seed"), some(HERE))
def test_nothing_published_is_lost_and_the_work_goes_on(ground, name, place, seed):
    check(ground, name, place, seed)


@pytest.mark.postgres
@pytest.mark.parametrize(("name", "place", "seed"), some(ON_A_SERVER))
def test_nothing_is_lost_when_the_server_goes_away(served_ground, name, place, seed):
    check(served_ground, name, place, seed)


def test_every_kind_is_tried_forty_times_in_all():
    assert HERE.keys() | ON_A_SERVER.keys() == kinds.KINDS.keys()
    assert sum(HERE.values()) + sum(ON_A_SERVER.values()) >= 40


def test_a_lost_video_is_noticed(ground, tmp_path):
    work = ground.work("publishing", tmp_path / "library")
    with ground.nursery() as nursery:
        ended = nursery.run(work, StopAtState(EMPTY + 3))
    assert ended.was_killed
    with Library.open(work.root) as library:
        library.remove("b" * 32)
    assert "neither state 4 nor the next" in ground.judged(work, ended).loss


def test_half_a_video_is_noticed(ground, tmp_path):
    import sqlite3

    work = ground.work("publishing", tmp_path / "library")
    with ground.nursery() as nursery:
        ended = nursery.run(work, KillAt("boundaries", 4))
    with sqlite3.connect(Layout(work.root).catalogue) as connection:
        connection.execute("DELETE FROM embedding WHERE id = (SELECT max(id) FROM embedding)")
    connection.close()
    assert "lines: 1 lost" in ground.judged(work, ended).loss
    assert problems(work.root)


def test_one_wrong_vector_file_would_be_noticed(ground, tmp_path):
    """The digest is what saves us: a file that is wrong and says that it is whole changes hits."""
    from store.vector_indexes import base_file

    work = ground.work("publishing", tmp_path / "library")
    with ground.nursery() as nursery:
        assert nursery.run(work).exit_code == 0
    [path] = (work.root / "vectors").glob("*.vectors")
    base = base_file.load(path)
    codes = base.index.codes().copy()[::-1]
    index = type(base.index).flat(codes)
    base_file.save(path, base.stamp, index, base.columns, base.publications)
    whole = ground.undisturbed("publishing").states[-1]
    assert whole.differs(read_state(work.root)).startswith("hits")


def test_two_writers_do_not_sweep_each_others_thumbnails(tmp_path):
    root = tmp_path / "library"
    with Library.create(root) as one, Library.open(root) as other:
        one.publish(made_up("s", 1))
        write = one._database.write

        def write_late(work):
            other.publish(made_up("s", 2))
            return write(work)

        one._database.write = write_late
        one.publish(made_up("s", 3))
    assert problems(root) == []


def test_both_databases_say_the_same(ground, served_ground):
    for name in ("pipeline", "publishing"):
        here = ground.undisturbed(name).states
        there = served_ground.undisturbed(name, on_server=True).states
        assert [state and len(state.lines) for state in here] == [
            state and len(state.lines) for state in there
        ]
