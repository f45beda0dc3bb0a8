"""Two nodes with one core each, and libraries whose catalogue both of them reach."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from store.layout import LibrarySettings
from store.library import Library
from tests.cluster.ray_nodes import SETTINGS, RayNodes

ROOT = Path(__file__).parent.parent.parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.ray)


@pytest.fixture
def ray_cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[RayNodes]:
    """A head without cores and two nodes; each test may kill what it likes."""
    pytest.importorskip("ray", reason="Ray is not installed")
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    nodes = RayNodes(2, {"PYTHONPATH": paths})
    yield nodes
    nodes.stop()


@pytest.fixture
def new_library(postgresql, tmp_path: Path) -> Iterator[Callable[[str], Library]]:
    """Makes empty libraries, each with a database of its own."""
    opened = []

    def make(name: str) -> Library:
        settings = LibrarySettings(catalogue=postgresql.new_database())
        opened.append(Library.create(tmp_path / name, settings=settings))
        return opened[-1]

    yield make
    for library in opened:
        library.close()
