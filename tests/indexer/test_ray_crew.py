"""What a crew makes of deaths, delays and late events, with a Ray in this process."""

import threading
import time
from types import SimpleNamespace

import pytest

from indexer import ray_crew
from indexer.crew import Ended
from indexer.part_queue import PartRun
from indexer.parts import Part, PartEnd
from indexer.ray_crew import MAX_FALSE_STARTS, RayCrew
from store.errors import ClusterError

exceptions = pytest.importorskip("ray.exceptions", reason="Ray is not installed")
GIB = 1024**3
NODE_ID = "ab" * 28


class RayHere:
    """One node; each answer is there at once, unless it never comes.

    Args:
        dying: Parts whose workers die before they are ready.
        silent: Parts whose workers never get ready.
    """

    def __init__(self, dying=(), silent=(), num_cores=1):
        self._dying, self._silent = dying, silent
        resources = {"CPU": num_cores, "memory": 8 * GIB}
        self._nodes = [{"NodeID": NODE_ID, "Alive": True, "Resources": resources}]
        self.untold = []
        self.num_started = 0

    def nodes(self):
        return self._nodes

    def remote(self, actor_class):
        return SimpleNamespace(options=self._options)

    def wait(self, references, num_returns, timeout):
        there = [reference for reference in references if reference.is_there]
        return there[:num_returns], []

    def get(self, reference, timeout=None):
        if isinstance(reference.value, Exception):
            raise reference.value
        return reference.value() if callable(reference.value) else reference.value

    def kill(self, actor):
        return None

    def shutdown(self):
        return None

    def _options(self, num_cpus, **options):
        part = {0.5: Part.LOOK, 0.3: Part.LISTEN, 0.2: Part.DESCRIBE}[num_cpus]
        self.num_started += part in self._dying
        died = exceptions.ActorDiedError() if part in self._dying else None
        actor = SimpleNamespace(
            ready=answering(died, is_there=part not in self._silent),
            run=answering(PartEnd()),
            close=answering(None),
            events=answering(self._told),
        )
        return SimpleNamespace(remote=lambda make_doer: actor)

    def _told(self):
        told, self.untold = self.untold, []
        return told


def answering(value, is_there=True):
    class Reference:
        def __init__(self):
            self.value, self.is_there = value, is_there

    return SimpleNamespace(remote=lambda *arguments: Reference())


@pytest.fixture
def crew_of(monkeypatch):
    monkeypatch.setattr(ray_crew, "WAIT_SECONDS", 0.0)
    monkeypatch.setattr(ray_crew, "NODES_SECONDS", 0.0)

    def make(ray, patience_seconds=60.0):
        monkeypatch.setattr(ray_crew, "connect", lambda address: ray)
        return RayCrew("auto", object, patience_seconds)

    return make


def wait_often(crew, times=50):
    for _ in range(times):
        crew.wait(lambda event: None)


@pytest.mark.parametrize("part", list(Part))
def test_workers_that_die_before_they_are_ready_end_the_run(crew_of, part):
    ray = RayHere(dying=[part])
    with (
        crew_of(ray) as crew,
        pytest.raises(
            ClusterError, match=f"{part} cannot start on node {NODE_ID}: .*died unexpectedly"
        ),
    ):
        wait_often(crew)
    assert ray.num_started == MAX_FALSE_STARTS


@pytest.mark.parametrize("part", list(Part))
def test_a_kind_of_worker_that_never_comes_ends_the_run_though_others_are_there(crew_of, part):
    with (
        crew_of(RayHere(silent=[part]), patience_seconds=0.05) as crew,
        pytest.raises(ClusterError, match=f"can {part} for 0 s"),
    ):
        wait_often(crew, 100_000)


def test_a_cluster_where_every_kind_is_there_waits_on(crew_of):
    with crew_of(RayHere(), patience_seconds=1.0) as crew:
        wait_often(crew)
        time.sleep(1.1)  # as long as a part takes, and longer than patience lasts
        wait_often(crew)
        assert sorted(crew.free()) == sorted(Part)


def test_what_a_part_told_comes_before_its_end(crew_of):
    ray, order = RayHere(), []
    with crew_of(ray) as crew:
        wait_often(crew, 6)
        crew.give(PartRun("a", Part.LOOK, 1, 0), None)
        ray.untold = ["first", "last"]
        for _ in range(3):
            order += [over for over in crew.wait(order.append) if isinstance(over, Ended)]
    assert order[:2] == ["first", "last"]
    assert [type(each) for each in order[2:]] == [Ended]


def test_only_what_ray_prints_is_kept_from_stdout(crew_of, capsys):
    ray = RayHere()
    with crew_of(ray) as crew:
        wait_often(crew, 6)
        crew.give(PartRun("a", Part.LOOK, 1, 0), None)
        ray.untold = ["an event"]
        crew.wait(print)
        rays = threading.Thread(target=print, args=("a node died",), name="ray_listen")
        rays.start()
        rays.join()
    print("data")
    captured = capsys.readouterr()
    assert captured.out == "an event\ndata\n"
    assert captured.err == "a node died\n"
