"""Measure what a user waits for: whole processes, cold and warm; other benchmarks run from here.

    python -m benchmarks.run [--footage FOLDER] [--held-out]

Everything is printed, and kept in ``benchmarks/results/``. A timing is the median of several runs;
the machine is named with it.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.commands import Finished, cinedex

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "examples" / "sample"
RESULTS = Path(__file__).parent / "results"
RUNS_OF_QUICK_COMMANDS = 5


def main() -> None:
    """Run what was asked for and keep the figures."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="cinedex-bench-") as folder:
        scratch = Path(folder)
        figures: dict[str, Any] = {"machine": machine()}
        figures["help"] = measure_help(scratch)
        library = scratch / "library-sample"
        figures["index"] = measure_sample(library, scratch)
        figures["search"] = measure_search(library, scratch)
        keep("foundation", figures)
        split = "held_out" if arguments.held_out else "tune"
        run_module(
            "benchmarks.retrieval", library, "--queries", SAMPLE / "queries.json", "--split", split
        )
        run_module(
            "benchmarks.chain",
            *("--library", library),
            *("--questions", SAMPLE / "questions.json"),
            *("--split", split),
        )
        if arguments.footage is not None:
            everything = scratch / "library-footage"
            run_module(
                "benchmarks.indexing", "--footage", arguments.footage, "--library", everything
            )
            catalogue = arguments.footage / "catalogue.jsonl"
            run_module("benchmarks.retrieval", everything, "--catalogue", catalogue)


def measure_help(scratch: Path) -> dict[str, float]:
    """Time ``cinedex --help``."""
    return {"seconds": _median(lambda: cinedex(["--help"], scratch=scratch))}


def measure_sample(library: Path, scratch: Path) -> dict[str, float]:
    """Index the sample film from nothing, and once more when it is up to date."""
    (film,) = SAMPLE.glob("*.mp4")
    command = ["--library", str(library), "index", str(film)]
    first, again = (cinedex(command, scratch=scratch) for _ in range(2))
    if first.exit_code or again.exit_code:
        raise SystemExit(f"cinedex index failed:\n{first.stderr}{again.stderr}")
    figures = {"process_seconds": first.seconds, "up_to_date_seconds": again.seconds}
    _say("index", figures)
    return figures


def measure_search(library: Path, scratch: Path) -> dict[str, Any]:
    """Time a one-shot search from a cold process; the files are in the disk cache."""
    seconds = _median(
        lambda: cinedex(
            ["--library", str(library), "search", "a smiling astronaut", "--json"], scratch=scratch
        )
    )
    _say("search", {"one_shot_seconds": seconds})
    return {"one_shot_seconds": seconds}


def run_module(module: str, *arguments: object) -> None:
    """Run another benchmark in a process of its own; it prints and keeps its figures."""
    sys.stdout.flush()
    subprocess.run(
        [sys.executable, "-m", module, *(str(argument) for argument in arguments)],
        cwd=ROOT,
        check=True,
    )


def machine() -> dict[str, Any]:
    """Name what the figures were measured on."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": platform.machine(),
        "python": platform.python_version(),
    }


def keep(name: str, figures: dict[str, Any]) -> None:
    """Write figures where the README's are taken from."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(figures, indent=2) + "\n", "utf-8")


def _median(run: Callable[[], Finished]) -> float:
    run()
    return statistics.median(run().seconds for _ in range(RUNS_OF_QUICK_COMMANDS))


def _say(name: str, figures: dict[str, Any]) -> None:
    print(f"{name}: {json.dumps(figures, indent=2)}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the foundation's bars.")
    footage = os.environ.get("CINEDEX_FOOTAGE")
    default = Path(footage) if footage else ROOT.parent / "shared" / "videos"
    parser.add_argument("--footage", type=Path, default=default if default.is_dir() else None)
    parser.add_argument(
        "--held-out", action="store_true", help="report on the held-out half, not the tuning half"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
