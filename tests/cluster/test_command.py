"""``cinedex index --ray`` with the real models, as a user types it."""

import pytest

from cinedex.api import open_library
from tests.e2e.conftest import POCKET_MODELS, cinedex
from tests.films import write_film

pytestmark = pytest.mark.weights


def test_the_command_indexes_on_the_cluster_and_fetches_urls(
    ray_cluster, new_library, weights_dir, tmp_path
):
    for name in POCKET_MODELS:
        weights_dir(name)
    folder = tmp_path / "films"
    folder.mkdir()
    write_film(folder / "film.mp4", num_frames=100, sound_seconds=4.0)
    elsewhere = write_film(tmp_path / "Show.S01E02.mp4", num_frames=125, sound_seconds=5.0)
    new_library("shared").close()
    ran = cinedex(
        "index",
        folder,
        f"file://{elsewhere}",
        *("--ray", ray_cluster.address, "--json"),
        library=tmp_path / "shared",
    )
    assert ran.code == 0, ran.err
    assert [result["state"] for result in ran.data["results"]] == ["indexed", "indexed"]
    with open_library(tmp_path / "shared") as library:
        paths = {video.path: video.episode for video in library.videos()}
        assert paths == {str(folder / "film.mp4"): None, f"file://{elsewhere}": 2}
        on_cluster = [line for line in library.store.dump() if "file:" not in line]
    alone = cinedex("index", folder, library=tmp_path / "alone", CINEDEX_THREADS="1")
    assert alone.code == 0, alone.err
    with open_library(tmp_path / "alone") as library:
        assert set(library.store.dump()) <= set(on_cluster)


def test_a_cluster_that_is_not_there_is_said_at_once(new_library, tmp_path):
    new_library("shared").close()
    ran = cinedex("index", tmp_path, "--ray", "127.0.0.1:1", library=tmp_path / "shared")
    assert ran.code == 4
    assert "no Ray cluster at 127.0.0.1:1" in ran.err
