import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from tests.indexer.tiny_siglip import build_siglip
from tests.reasoner.videomind.tiny_checkpoint import build_checkpoint

HOSTILE = "a 'b' \"c\" [bold red]d[/] \U0001f3ac\nerror: e\x1b[31m.mp4"
HEAVY = (
    "torch",
    "numpy",
    "sqlalchemy",
    "faiss",
    "transformers",
    "av",
    "sentence_transformers",
    "rapidocr",
)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CINEDEX_")}
    return kept | {
        "CINEDEX_LIBRARY": str(tmp_path / "library"),
        "CINEDEX_CACHE": str(tmp_path / "cache"),
        "CINEDEX_OFFLINE": "1",
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
    }


def run(environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "cinedex", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def complaint(finished: "subprocess.CompletedProcess[str]") -> str:
    """The one line on stderr."""
    lines = finished.stderr.splitlines()
    assert len(lines) == 1, finished.stderr
    assert lines[0].startswith("error: ")
    return lines[0]


def test_help_imports_nothing_heavy() -> None:
    program = f"""
import sys, cinedex, cinedex.cli.app
from typer.testing import CliRunner
assert CliRunner().invoke(cinedex.cli.app.app, ["--help"]).exit_code == 0
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    finished = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert finished.stdout == "[]\n"


def test_help_names_every_command(environment: dict[str, str]) -> None:
    said = run(environment, "--help").stdout
    for command in (
        "create",
        "index",
        "search",
        "ask",
        "judge",
        "evaluate",
        "list",
        "show",
        "remove",
        "check",
        "models",
        "doctor",
    ):
        assert f" {command} " in said


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["search", "x"], 4, "no library at"),
        (["ask", "x"], 4, "no library at"),
        (["list"], 4, "no library at"),
        (["show", "x"], 4, "no library at"),
        (["remove", "x"], 4, "no library at"),
        (["check"], 4, "no library at"),
        (["create", "--vectors", "pgvector"], 2, "name a PostgreSQL database"),
        (["create", "--vectors", "faiss"], 2, "files or pgvector"),
        (["create", "--catalogue", "mysql://x"], 2, "postgresql://user@host/name"),
        (["models", "pull"], 5, "models pull all-minilm-l6-v2 efficientnet-lite2"),
        (["models", "pull", "bert"], 2, "no model 'bert'; there are"),
        (["index", "x.mp4", "--language", "English"], 2, "language"),
        (["--library", "", "list"], 4, "no library"),
    ],
)
def test_an_error_is_one_line_and_an_exit_code(
    environment: dict[str, str], arguments: list[str], code: int, words: str
) -> None:
    finished = run(environment, *arguments)
    assert (finished.returncode, finished.stdout) == (code, "")
    assert words in complaint(finished)


@pytest.mark.parametrize("arguments", [["search"], ["bogus"], ["search", "x", "-k", "some"]])
def test_a_wrong_command_line_is_bad_input(
    environment: dict[str, str], arguments: list[str]
) -> None:
    assert run(environment, *arguments).returncode == 2


def test_an_unknown_setting_is_bad_input(environment: dict[str, str]) -> None:
    finished = run(environment | {"CINEDEX_COLOUR": "red"}, "list")
    assert finished.returncode == 2
    assert "unknown setting `colour`" in complaint(finished)


def test_a_folder_without_videos_is_a_failure_of_that_path(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    finished = run(environment, "index", str(tmp_path / "empty"))
    assert finished.returncode == 6
    assert finished.stderr.splitlines()[-1].startswith("error: ")
    assert "holds no video" in finished.stderr


def test_a_hostile_name_stays_on_its_line(environment: dict[str, str], tmp_path: Path) -> None:
    finished = run(environment, "index", str(tmp_path / HOSTILE))
    assert finished.returncode == 6
    assert "\x1b" not in finished.stderr
    assert r"[bold red]d[/]" in finished.stderr
    assert r"\nerror: e\x1b[31m.mp4" in finished.stderr


def test_debug_shows_where_an_error_comes_from(environment: dict[str, str]) -> None:
    finished = run(environment, "--debug", "list")
    assert finished.returncode == 4
    assert "Traceback" in finished.stderr
    assert finished.stderr.splitlines()[-1].startswith("error: no library")


def test_models_list_says_what_is_missing(environment: dict[str, str], tmp_path: Path) -> None:
    listed = json.loads(run(environment, "models", "list", "--json").stdout)
    assert listed["root"] == str(tmp_path / "cache" / "weights")
    states = {entry["model"]["name"]: entry["is_present"] for entry in listed["models"]}
    assert states["all-minilm-l6-v2"] is False


def test_checkpoints_of_a_profile_are_listed_and_fetched_with_its_models(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "here").mkdir()
    profile = tmp_path / "own.toml"
    profile.write_text('[videomind]\nbase = "owner/name@' + "0" * 40 + '"\n')
    listed = json.loads(
        run(environment, "models", "list", "--profile", str(profile), "--json").stdout
    )
    assert listed["checkpoints"] == {"owner/name@" + "0" * 40: None}
    pulled = run(environment, "models", "pull", "--offline", "--profile", str(profile))
    assert pulled.returncode == 5
    assert "owner/name@000" in pulled.stderr
    profile.write_text('[pictures]\ncheckpoint = "here"\n')
    found = run(environment, "models", "pull", "--offline", "--profile", str(profile), "--json")
    here = str(tmp_path / "here")
    assert json.loads(found.stdout) == {"models": {here: here}}


def test_models_verify_names_every_missing_model(environment: dict[str, str]) -> None:
    finished = run(environment, "models", "verify", "--json")
    assert finished.returncode == 5
    verdicts = json.loads(finished.stdout)["models"]
    assert len(verdicts) == 5
    assert all("models pull" in verdict["error"] for verdict in verdicts)


def test_models_verify_accounts_for_checkpoints(
    environment: dict[str, str], tmp_path: Path
) -> None:
    build_checkpoint(tmp_path / "seeing", 1)
    build_siglip(tmp_path / "pictures", 1)
    profile = tmp_path / "own.toml"
    profile.write_text(
        'extends = "pocket"\n[videomind]\ncheckpoint = "seeing"\nbase = "seeing/base"\n'
        '[pictures]\ncheckpoint = "pictures"\n'
    )
    command = ("models", "verify", "--profile", str(profile))
    places = [str(tmp_path / place) for place in ("seeing", "seeing/base", "pictures")]
    whole = json.loads(run(environment, *command, "--json").stdout)
    assert whole["checkpoints"] == [{"name": place, "error": ""} for place in places]
    for place in ("seeing/base", "pictures"):
        path = tmp_path / place / "model.safetensors"
        tensors = load_file(path)
        del tensors[min(tensors)]
        save_file(tensors, path, metadata={"format": "pt"})
    said = run(environment, *command)
    assert said.returncode == 5
    for place in places:  # the base model is part of what answers
        assert f"{place}  not every tensor accounted for" in said.stdout
    assert said.stderr.count("missing: ") == 3
    (tmp_path / "pictures" / "config.json").unlink()
    lost = json.loads(run(environment, *command, "--json").stdout)
    assert "config.json" in lost["checkpoints"][2]["error"]


def test_models_verify_says_which_checkpoint_is_missing(
    environment: dict[str, str], tmp_path: Path
) -> None:
    build_siglip(tmp_path / "pictures", 1)
    profile = tmp_path / "own.toml"
    profile.write_text(
        'extends = "pocket"\n[videomind]\nbase = "nowhere"\ncaptions = true\n'
        '[pictures]\ncheckpoint = "pictures"\n'
    )
    said = run(environment, "models", "verify", "--profile", str(profile))
    assert said.returncode == 5
    assert said.stdout.endswith(
        f"nowhere  missing\n{tmp_path / 'pictures'}  every tensor accounted for\n"
    )


def test_doctor_ends_with_the_code_of_what_is_wrong(environment: dict[str, str]) -> None:
    finished = run(environment, "doctor", "--json")
    assert finished.returncode == 5
    report = json.loads(finished.stdout)
    states = {check["name"]: check["state"] for check in report["checks"]}
    assert (states["decoder"], states["database"], states["library"]) == ("good", "good", "note")
    assert states["weights whisper-tiny.en"] == "bad"
    found = {check["name"]: check["found"] for check in report["checks"]}
    assert found["speech"] == "whisper-tiny.en hears en; speech in other languages is skipped"
    origins = {setting["name"]: setting["origin"] for setting in report["settings"]}
    assert origins["offline"] == "CINEDEX_OFFLINE"
    assert origins["profile"] == "default"


def test_doctor_says_when_the_speech_model_does_not_know_the_language(
    environment: dict[str, str],
) -> None:
    finished = run(environment | {"CINEDEX_LANGUAGE": "de"}, "doctor", "--json")
    (speech,) = [
        check for check in json.loads(finished.stdout)["checks"] if check["name"] == "speech"
    ]
    assert speech["state"] == "note"
    assert "`language` is de" in speech["found"]


def test_an_interrupted_pull_ends_with_130(environment: dict[str, str], tmp_path: Path) -> None:
    slow = tmp_path / "slow"
    slow.mkdir()
    (slow / "pip.py").write_text("import time\ntime.sleep(60)\n")
    asked = environment | {
        "CINEDEX_OFFLINE": "0",
        "HF_HUB_OFFLINE": "0",
        "PYTHONPATH": f"{slow}:{os.getcwd()}",
    }
    command = [sys.executable, "-m", "cinedex", "models", "pull", "transnetv2"]
    with subprocess.Popen(command, env=asked, stderr=subprocess.PIPE, text=True) as process:
        _wait_for(lambda: any((tmp_path / "cache").rglob("scratch")))
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert "interrupted" in said
    assert list((tmp_path / "cache" / "weights").iterdir()) == []


def _wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.05)
