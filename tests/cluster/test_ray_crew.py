"""The real thing: indexing on a cluster of two nodes, and what a death costs."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.cluster import ClusterIndexer
from indexer.options import IndexOptions
from indexer.pipeline import Indexer
from indexer.ray_crew import RayCrew
from indexer.report import VideoState
from store.layout import Layout
from store.library import Library
from tests.cluster.doers import FakeDoer
from tests.cluster.ray_nodes import RayNodes
from tests.faults.models import fake_models
from tests.films import write_film

PATIENCE_SECONDS = 120.0


@pytest.fixture
def films(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "films"
    folder.mkdir()
    return [
        write_film(folder / f"film {i}.mp4", num_frames=300 + 25 * i, sound_seconds=12.0 + i)
        for i in range(6)
    ]


@pytest.fixture
def expected(new_library, films: list[Path]) -> list[str]:
    """What an undisturbed run of one process gives."""
    library = new_library("alone")
    report = Indexer(library, fake_models(), IndexOptions()).index(films)
    assert not report.failed
    return list(library.dump())


def index(
    address: str,
    library: Library,
    films: list[Path],
    diary: Path,
    *,
    is_slow: bool = False,
    events: list | None = None,
):
    doer = FakeDoer(Layout(library.root).require(), diary, is_slow)
    with RayCrew(address, doer, PATIENCE_SECONDS) as crew:
        cluster = ClusterIndexer(library, fake_models(), IndexOptions(), crew, diary.parent)
        return cluster.index(films, on_event=(events if events is not None else []).append)


def begun(diary: Path) -> Counter[str]:
    """Count how often each part of each film was begun."""
    return Counter(line.rpartition(" ")[0] for line in diary.read_text().splitlines())


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.05)


def test_two_nodes_index_each_part_once_and_find_what_one_process_finds(
    ray_cluster: RayNodes, new_library, films, expected, tmp_path
):
    library, diary, events = new_library("shared"), tmp_path / "diary", []
    report = index(ray_cluster.address, library, films, diary, events=events)
    assert [result.path for result in report.results] == films
    assert {result.state for result in report.results} == {VideoState.INDEXED}
    assert list(library.dump()) == expected
    assert set(begun(diary).values()) == {1}
    assert len(begun(diary)) == 3 * len(films)
    pids = {line.rpartition(" ")[2] for line in diary.read_text().splitlines()}
    assert len(pids) == 6  # who looks, listens and describes, on both nodes
    assert {(event.stage, event.state) for event in events} >= {
        ("frames", "finished"),
        ("speech", "finished"),
        ("", "finished"),
    }
    again = index(ray_cluster.address, library, films, diary)
    assert {result.state for result in again.results} == {VideoState.UNCHANGED}
    assert len(diary.read_text().splitlines()) == 3 * len(films)


@pytest.mark.parametrize("victim", ["node", "worker"])
def test_a_death_in_mid_run_costs_only_what_was_running(
    ray_cluster: RayNodes, new_library, films, expected, tmp_path, victim, capsys
):
    library, diary = new_library("shared"), tmp_path / "diary"
    looking: list[int] = []

    def kill() -> None:
        wait_for(lambda: diary.exists() and "look film 2" in diary.read_text())
        if victim == "node":
            ray_cluster.kill_node(1)
            return
        (line,) = (x for x in diary.read_text().splitlines() if x.startswith("look film 2"))
        looking.append(int(line.rpartition(" ")[2]))
        ray_cluster.kill_worker(looking[0])

    killer = threading.Thread(target=kill)
    killer.start()
    report = index(ray_cluster.address, library, films, diary, is_slow=True)
    killer.join()
    assert not report.failed
    assert list(library.dump()) == expected
    repeated = {part: times for part, times in begun(diary).items() if times > 1}
    assert all(times == 2 for times in repeated.values())
    assert 1 <= len(repeated) <= 3  # at most one part of each kind ran on the node
    assert capsys.readouterr().out == ""  # where data goes, and Ray tells of deaths
    if victim == "worker":
        assert repeated == {"look film 2.mp4": 2}
