import os
import pickle
import socket
import subprocess
import sys

import pytest

from cinedex.api import open_library
from cinedex.config import Settings
from cinedex.workers import ClusterDoer, LocalIndexer, own_folder
from store.layout import LibrarySettings


def test_a_folder_is_made_and_those_of_the_dead_are_removed(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    host = socket.gethostname()
    names = {"dead": f"{host}-{dead.pid}", "alive": f"{host}-{os.getppid()}", "other": "host-1"}
    for name in names.values():
        (tmp_path / name / "library").mkdir(parents=True)
    own = own_folder(tmp_path)
    assert own == tmp_path / f"{host}-{os.getpid()}"
    (own / "film.mp4").touch()
    assert {path.name for path in tmp_path.iterdir()} == {own.name, names["alive"], "host-1"}
    assert list(own_folder(tmp_path).iterdir()) == []


@pytest.mark.parametrize(
    "maker",
    [
        lambda root: LocalIndexer(root, Settings(), 2),
        lambda root: ClusterDoer(LibrarySettings("postgresql://host/name"), Settings()),
    ],
)
def test_what_workers_are_made_of_can_be_sent(maker, tmp_path):
    made = maker(tmp_path)
    assert pickle.loads(pickle.dumps(made)) == made


@pytest.mark.parametrize("jobs", [0, -1])
def test_there_is_at_least_one_job(tmp_path, jobs):
    with (
        open_library(tmp_path / "library", settings=Settings(), create=True) as library,
        pytest.raises(ValueError, match=f"jobs cannot be {jobs}"),
    ):
        library.index([tmp_path], jobs=jobs)
