"""Measure the foundation's bars as a user meets them: whole processes, cold and warm.

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
RUNS_OF_INDEXING = 3


def main() -> None:
    """Run what was asked for and keep the figures."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="cinedex-bench-") as folder:
        scratch = Path(folder)
        figures: dict[str, Any] = {"machine": machine()}
        figures["help"] = measure_help(scratch)
        figures["index"] = measure_indexing(scratch)
        library = scratch / "library-0"
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
            figures["footage"] = measure_footage(arguments.footage, scratch)
            keep("foundation", figures)


def measure_help(scratch: Path) -> dict[str, float]:
    """Time ``cinedex --help``."""
    return {"seconds": _median(lambda: cinedex(["--help"], scratch=scratch))}


def measure_indexing(scratch: Path) -> dict[str, Any]:
    """Index the sample film from nothing, several times, and once more when it is up to date."""
    (film,) = SAMPLE.glob("*.mp4")
    runs = [
        index([film], scratch / f"library-{number}", scratch) for number in range(RUNS_OF_INDEXING)
    ]
    again = index([film], scratch / "library-0", scratch)
    without_speech = index([film], scratch / "library-silent", scratch, "--no-speech")
    median = sorted(runs, key=lambda run: run.seconds)[len(runs) // 2]
    (result,) = median.json()["results"]
    duration = result["video"]["duration_seconds"]
    figures = {
        "film_seconds": duration,
        "process_seconds": median.seconds,
        "times_realtime_process": duration / median.seconds,
        "times_realtime_run": duration / result["seconds"],
        "times_realtime_without_speech": duration / without_speech.seconds,
        "peak_gigabytes": median.peak_gigabytes,
        "up_to_date_seconds": again.seconds,
        "milliseconds_per_video_second": {
            stage: 1000 * seconds / duration
            for stage, seconds in result["seconds_by_stage"].items()
        },
    }
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


def measure_footage(footage: Path, scratch: Path) -> dict[str, Any]:
    """Index every file of a folder of real footage, then look the catalogue's queries up."""
    library = scratch / "library-footage"
    run = index([footage], library, scratch)
    results = run.json()["results"]
    seconds = sum(row["video"]["duration_seconds"] for row in results if row["video"])
    figures = {
        "exit_code": run.exit_code,
        "files": len(results),
        "failed": [row["path"] for row in results if row["state"] == "failed"],
        "video_seconds": seconds,
        "times_realtime_process": seconds / run.seconds,
        "peak_gigabytes": run.peak_gigabytes,
    }
    _say("footage", figures)
    run_module("benchmarks.retrieval", library, "--catalogue", footage / "catalogue.jsonl")
    return figures


def index(paths: list[Path], library: Path, scratch: Path, *options: str) -> Finished:
    """Index files into a library with ``cinedex index --json``."""
    named = [str(path) for path in paths]
    run = cinedex(["--library", str(library), "index", *named, "--json", *options], scratch=scratch)
    if run.exit_code not in (0, 6):
        raise SystemExit(f"cinedex index ended with {run.exit_code}:\n{run.stderr}")
    return run


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
