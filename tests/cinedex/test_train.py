"""``cinedex train`` as people run it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from indexer.media import probe
from store.errors import InputError
from tests.reasoner.videomind.tiny_checkpoint import build_checkpoint

PLAN = {"question": "Who waves?", "route": 1, "value": "somebody waves"}
BRIEF = ("--steps", "2", "--accumulate", "1", "--rank", "2", "--device", "cpu")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_checkpoint(tmp_path_factory.mktemp("train") / "tiny", seed=7)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "plans.jsonl"
    path.write_text(json.dumps(PLAN), "utf-8")
    return path


def train(*arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "cinedex", "train", *map(str, arguments)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_json_on_stdout_and_steps_on_stderr(checkpoint: Path, data: Path, tmp_path: Path) -> None:
    where = ("--data", data, "--checkpoint", checkpoint, "--output", tmp_path / "out")
    finished = train("planner", *where, *BRIEF, "--json")
    assert finished.returncode == 0, finished.stderr
    said = json.loads(finished.stdout)
    assert said["folder"] == str(tmp_path / "out")
    assert (said["role"], said["num_steps"], said["num_examples"]) == ("planner", 2, 1)
    assert len(said["losses"]) == 2
    steps = finished.stderr.splitlines()
    assert [line.partition(":")[0] for line in steps] == ["step 1 of 2", "step 2 of 2"]


def test_a_profile_names_the_checkpoint_and_a_film_is_read(
    checkpoint: Path, sample_film: Path, tmp_path: Path
) -> None:
    profile = tmp_path / "seeing.toml"
    profile.write_text(f'extends = "pocket"\n[videomind]\ncheckpoint = "{checkpoint}"\n')
    line = {
        "query": "a bell rings",
        "video": sample_film.name,
        "duration": probe(sample_film).duration_seconds,
        "candidate": [10, 12],
        "relevant_windows": [[9, 13]],
    }
    (tmp_path / "pairs.jsonl").write_text(json.dumps(line), "utf-8")
    where = ("--data", tmp_path / "pairs.jsonl", "--output", tmp_path / "out")
    source = ("--profile", profile, "--videos", sample_film.parent)
    finished = train("verifier", *where, *source, *BRIEF)
    assert finished.returncode == 0, finished.stderr
    assert "verifier: 2 steps over 1 examples" in finished.stdout
    assert (tmp_path / "out" / "verifier" / "adapter_model.safetensors").is_file()


def test_bad_input_ends_with_2_and_says_where(checkpoint: Path, data: Path, tmp_path: Path) -> None:
    where = ("--data", data, "--output", tmp_path / "out")
    source = ("--checkpoint", checkpoint)
    data.write_text(f"{json.dumps(PLAN)}\n{json.dumps(PLAN | {'route': 9})}\n", "utf-8")
    wrong = train("planner", *where, *source)
    assert (wrong.returncode, wrong.stdout) == (InputError.exit_code, "")
    assert f"{data}, line 2: route is 1, 2, 3 or 4" in wrong.stderr
    unknown = train("narrator", *where, *source)
    assert unknown.returncode == InputError.exit_code
    assert "planner, grounder, verifier, answerer" in unknown.stderr
    pocket = train("planner", *where)
    assert pocket.returncode == InputError.exit_code
    assert "--checkpoint" in pocket.stderr
    slow = train("planner", *where, *source, "--lr", "-1")
    assert slow.returncode == InputError.exit_code
    assert "learning_rate" in slow.stderr
