"""``cinedex models convert`` as people run it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from reasoner.videomind.decoder import TimestampDecoder
from store.errors import CheckpointError, InputError, WeightsError, WeightsMissingError
from tests.reasoner.videomind.tiny_checkpoint import build_checkpoint

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_checkpoint(tmp_path_factory.mktemp("convert") / "published", seed=7)


def convert(*arguments: object, cache: Path | None = None) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "cinedex", "models", "convert", *map(str, arguments)]
    environment = {**os.environ, "HF_HUB_CACHE": str(cache)} if cache else None
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_json_tells_what_was_written(published: Path, tmp_path: Path) -> None:
    finished = convert(published, tmp_path / "converted", "--json")
    assert finished.stderr == ""
    said = json.loads(finished.stdout)
    assert said["folder"] == str(tmp_path / "converted")
    assert said["num_decoder_tensors"] == len(TimestampDecoder(1).state_dict())
    assert [role["role"] for role in said["roles"]] == ["planner", "grounder", "verifier"]
    assert all(matrix["is_delta"] for matrix in said["roles"][1]["matrices"])


def test_people_read_a_table(published: Path, tmp_path: Path) -> None:
    finished = convert(published, tmp_path / "converted")
    assert finished.returncode == 0
    assert "lm_head.weight: 10 of" in finished.stdout
    assert str(tmp_path / "converted") in finished.stdout


def test_a_checkpoint_in_the_hubs_cache_and_its_base_elsewhere(
    published: Path, tmp_path: Path
) -> None:
    snapshot = tmp_path / "models--owner--name" / "snapshots" / COMMIT
    snapshot.parent.mkdir(parents=True)
    snapshot.symlink_to(published)
    place = f"owner/name@{COMMIT}"
    base = ("--base", published / "base")
    finished = convert(place, tmp_path / "out", *base, "--offline", cache=tmp_path)
    assert finished.returncode == 0, finished.stderr
    missing = convert(place, tmp_path / "again", "--offline", cache=tmp_path / "empty")
    assert missing.returncode == WeightsError.exit_code
    assert "name the folder instead" in missing.stderr


def test_what_is_there_is_not_overwritten(published: Path, tmp_path: Path) -> None:
    finished = convert(published, tmp_path)
    assert finished.returncode == InputError.exit_code
    assert "exists" in finished.stderr


@pytest.mark.parametrize("lost", ["planner/adapter_config.json", "pytorch_model.safetensors"])
def test_a_file_that_is_missing_is_not_passed_over(
    published: Path, tmp_path: Path, lost: str
) -> None:
    folder = shutil.copytree(published, tmp_path / "published")
    (folder / lost).unlink()
    finished = convert(folder, tmp_path / "converted")
    assert finished.returncode == WeightsMissingError.exit_code
    said = "".join(finished.stderr.split())
    assert lost in said
    assert said.endswith("fetchthecheckpointagain")
    assert not (tmp_path / "converted").exists()


def test_a_decoder_out_of_order_is_named_when_it_is_converted(
    published: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(published, tmp_path / "published")
    path = folder / "pytorch_model.safetensors"
    tensors = load_file(path)
    tensors["base_model.model.odd.weight"] = tensors.pop("base_model.model.coef.scale")
    save_file(tensors, path)
    finished = convert(folder, tmp_path / "converted")
    assert finished.returncode == CheckpointError.exit_code
    assert "lacks coef.scale; has left over odd.weight" in " ".join(finished.stderr.split())
    assert not (tmp_path / "converted").exists()
