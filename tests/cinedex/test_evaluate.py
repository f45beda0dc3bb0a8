"""``cinedex evaluate`` as it is typed."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cinedex import open_library
from cinedex.datasets.formats import read_dataset
from cinedex.serialise import to_plain
from store.errors import InputError
from store.library import Library
from tests.cinedex.command_line import Run
from tests.small_videos import small_video

ROWS = (
    {"id": "1", "query": "red door", "video": "a", "spans": [[0, 1]]},
    {"id": "2", "query": "sea", "video": "a.mp4", "spans": [[0, 1]]},
    {"id": "3", "query": "red", "video": "gone", "spans": [[0, 1]]},
)
FOUND = (
    {"qid": 1, "pred_relevant_windows": [[0, 1, 0.5]]},
    {"qid": 2, "pred_relevant_windows": [[1, 2, 0.5]]},
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    with Library.create(tmp_path / "library") as library:
        indexed = small_video("a", ("a red door", "the sea at night"))
        library.publish(replace(indexed, thumbnails=((0, b"\xff\xd8door"),)))
    return tmp_path / "library"


def lines(path: Path, rows: "tuple[dict[str, object], ...]") -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return lines(tmp_path / "queries.jsonl", ROWS)


@pytest.fixture
def found(tmp_path: Path) -> Path:
    return lines(tmp_path / "found.jsonl", FOUND)


def evaluate(root: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "CINEDEX_LIBRARY": str(root), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "cinedex", "evaluate", *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def means(finished: "subprocess.CompletedProcess[str]") -> dict[str, float]:
    assert finished.returncode == 0, finished.stderr
    return {figure["name"]: figure["mean"] for figure in json.loads(finished.stdout)["figures"]}


def test_predictions_are_measured_without_a_library(
    tmp_path: Path, dataset: Path, found: Path
) -> None:
    asked = (dataset, "--format", "own", "--from", found)
    nowhere = tmp_path / "nowhere"
    third = pytest.approx(1 / 3)
    assert means(evaluate(nowhere, *asked, "--json"))["R1@0.5"] == third
    assert means(evaluate(nowhere, *asked, "--only-indexed", "--json"))["R1@0.5"] == 0.5
    told = evaluate(nowhere, *asked, "--against", found)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.startswith(
        "3 of 3 queries scored\n1 without a prediction, counted as misses\n"
    )
    (row,) = [line for line in told.stdout.splitlines() if "R1@0.5" in line]
    interval, difference = "[0.00, 100.00]", "[+0.00, +0.00]"
    assert " ".join(row.split()) == f"R1@0.5 33.33 {interval} 3 +0.00 {difference} 1.0000"


def test_a_page_has_pictures_where_there_is_a_library(
    tmp_path: Path, root: Path, dataset: Path, found: Path
) -> None:
    page = tmp_path / "report.html"
    asked = (dataset, "--format", "own", "--from", found, "--html", page, "--json")
    without = evaluate(tmp_path / "nowhere", *asked)
    assert means(without)
    assert without.stderr.startswith("the page has no pictures: no library at ")
    assert "data:image" not in page.read_text("utf-8")
    within = evaluate(root, *asked)
    assert (within.stdout, within.stderr) == (without.stdout, "")
    assert "data:image/jpeg;base64,/9hkb29y" in page.read_text("utf-8")


@pytest.mark.weights
def test_a_library_is_searched_and_what_it_lacks_is_said(
    weights_dir: object, root: Path, dataset: Path, tmp_path: Path
) -> None:
    weights_dir("all-minilm-l6-v2")  # type: ignore[operator]
    written = tmp_path / "predictions.jsonl"
    searched = evaluate(root, dataset, "--format", "own", "--predictions", written, "--json")
    assert means(searched)["R1@0.5"] == pytest.approx(1 / 3)
    assert "1 of 3 queries: not in the library: gone" in searched.stderr
    report = json.loads(searched.stdout)
    assert report["counts"]["num_without_prediction"] == 1
    assert report["sources"] == [
        {"source": "lexical", "num_found": 1, "num_first": 1, "num_alone": 1}
    ]
    measured = evaluate(root, dataset, "--format", "own", "--from", written, "--json")
    assert json.loads(measured.stdout) == report


@pytest.mark.parametrize("option", [(), ("--corpus",), ("--only-indexed",)])
def test_both_doors_measure_the_same(
    run: Run, dataset: Path, root: Path, tmp_path: Path, option: tuple[str, ...]
) -> None:
    rival = lines(tmp_path / "rival.jsonl", FOUND)
    typed = run("evaluate", str(dataset), "--format", "own", "--library", str(root), "-k", "3",
                "--predictions", str(tmp_path / "typed"), "--against", str(rival), "--seed", "5",
                "--html", str(tmp_path / "page.html"), "--json", *option)  # fmt: skip
    assert typed.exit_code == 0, typed.stderr
    told: list[tuple[int, int]] = []
    with open_library(root) as library:
        report = library.evaluate(
            dataset,
            k=3,
            corpus="--corpus" in option,
            only_indexed="--only-indexed" in option,
            predictions=tmp_path / "called",
            against=str(rival),
            seed=5,
            on_queries=lambda *done: told.append(done),
        )
        read = read_dataset(dataset, "own")
        again = library.evaluate(read, k=3, only_indexed=True, seed=5)
        page = library.report_page(report, dataset.name, rival.name)
    figures = json.loads(typed.stdout)
    assert {name: figures[name] for name in to_plain(report)} == to_plain(report)
    assert (tmp_path / "typed").read_bytes() == (tmp_path / "called").read_bytes()
    assert (tmp_path / "page.html").read_text("utf-8") == page
    assert told == [(1, 2), (2, 2)]
    assert again.figures[0].num_queries == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--format", "qvh"), "no format 'qvh'; there are qvhighlights"),
        (("--format", "charades"), "line 1: 'VIDEO START END##sentence' was expected"),
        (("--format", "own", "--from", "none.jsonl"), "none.jsonl cannot be read"),
        (("--format", "own", "--from", "none.jsonl", "--ask"), "leave --ask and --predictions out"),
    ],
)
def test_bad_input_is_one_line_and_ends_with_2(
    root: Path, dataset: Path, arguments: tuple[str, ...], said: str
) -> None:
    finished = evaluate(root, dataset, *arguments)
    assert (finished.returncode, finished.stdout) == (InputError.exit_code, "")
    (line,) = finished.stderr.splitlines()
    assert line.startswith("error: ")
    assert said in line
