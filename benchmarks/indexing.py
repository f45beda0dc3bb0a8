"""Index all of the real footage and the sample film as a user would, and say what it cost.

    python -m benchmarks.indexing [--footage FOLDER] [--library FOLDER] [--rounds 3]

Runs of the command with the pocket profile, each into a new library: everything on, without speech,
and without screen text, whose cost is the difference. They take turns for three rounds, as a
machine's speed drifts: of each, the run of median length counts, and of the cost of screen text the
median of the rounds. Figures are printed and kept in
``benchmarks/results/indexing.json`` and ``indexing.md``.
"""

import argparse
import os
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.commands import Finished, cinedex
from benchmarks.run import RESULTS, ROOT, SAMPLE, keep, machine
from indexer.payloads import unpack
from store.library import Library

SECONDS_PER_HOUR = 3600.0
BYTES_PER_MEGABYTE = 1e6
VARIANTS: Mapping[str, tuple[Sequence[str], Mapping[str, str]]] = {
    "everything on": ((), {}),
    "without speech": (("--no-speech",), {}),
    "without screen text": ((), {"CINEDEX_SCREEN_TEXT": "false"}),
}
Round = Mapping[str, dict[str, Any]]
LEAST_TIMES_REALTIME = {"everything on": 8.0, "without speech": 15.0}
MOST_SCREEN_TEXT_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class KeptFrames:
    """How many frames were looked at, and how many of those count.

    Attributes:
        looks: Asked for by the schedule, some one a second.
        passed: Looked at by the backbone.
        kept: Shown by the backbone to be new.
    """

    looks: int
    passed: int
    kept: int


def main() -> None:
    """Measure, print, keep; end with 1 where a bar is missed."""
    arguments = _arguments()
    if arguments.library is not None and arguments.library.exists():
        raise SystemExit(f"{arguments.library} exists; name a folder that does not")
    figures: dict[str, Any] = {"machine": machine(), "bars": LEAST_TIMES_REALTIME}
    with tempfile.TemporaryDirectory(prefix="cinedex-indexing-") as folder:
        scratch = Path(folder)
        libraries = {name: scratch / f"library-{name.replace(' ', '-')}" for name in VARIANTS}
        first = libraries["everything on"] = arguments.library or libraries["everything on"]
        rounds = []
        for number in range(arguments.rounds):
            rounds.append({})
            for name, library in libraries.items():
                shutil.rmtree(library, ignore_errors=True)
                run = rounds[-1][name] = _run(name, library, arguments.footage, scratch)
                print(
                    f"round {number + 1}, {name}: {run['process_seconds']:.1f} s, "
                    f"{run['processor_seconds']:.1f} s CPU",
                    flush=True,
                )
        runs = figures["runs"] = {name: _median_run(name, rounds) for name in libraries}
        figures["rounds"] = [
            {name: (run["process_seconds"], run["processor_seconds"]) for name, run in one.items()}
            for one in rounds
        ]
        figures["screen_text_share"] = screen_text_shares(rounds)
        figures["frames"] = _frames_figures(kept_frames(first), runs["everything on"])
        figures["megabytes_per_video_hour"] = storage(
            first, runs["everything on"]["video_seconds"] / SECONDS_PER_HOUR
        )
    keep("indexing", figures)
    table = spelled(figures)
    (RESULTS / "indexing.md").write_text(table, "utf-8")
    print(table)
    if missed := missed_bars(figures):
        raise SystemExit(f"missed: {'; '.join(missed)}")


def _run(name: str, library: Path, footage: Path, scratch: Path) -> dict[str, Any]:
    options, environment = VARIANTS[name]
    paths = [str(footage), *map(str, SAMPLE.glob("*.mp4"))]
    run = cinedex(
        ["--library", str(library), "index", *paths, "--json", *options],
        scratch=scratch,
        environment=environment,
    )
    if run.exit_code not in (0, 6):
        raise SystemExit(f"cinedex index ended with {run.exit_code}:\n{run.stderr}")
    return run_figures(run)


def run_figures(run: Finished) -> dict[str, Any]:
    """Sum up what ``cinedex index --json`` printed and what its process cost."""
    report = run.json()
    indexed = [row for row in report["results"] if row["state"] == "indexed"]
    video_seconds = sum(row["video"]["duration_seconds"] for row in indexed)
    by_stage: Counter[str] = Counter()
    for row in indexed:
        by_stage.update(row["seconds_by_stage"])
    return {
        "files": len(report["results"]),
        "failed": [row["path"] for row in report["results"] if row["state"] == "failed"],
        "video_seconds": video_seconds,
        "process_seconds": run.seconds,
        "processor_seconds": run.processor_seconds,
        "times_realtime_process": video_seconds / run.seconds,
        "times_realtime_run": video_seconds / report["seconds"],
        "video_seconds_per_processor_second": video_seconds / run.processor_seconds,
        "peak_gigabytes": run.peak_gigabytes,
        "milliseconds_per_video_second": {
            stage: 1000 * seconds / video_seconds for stage, seconds in by_stage.items()
        },
    }


def _median_run(name: str, rounds: Sequence[Round]) -> dict[str, Any]:
    runs = sorted((one[name] for one in rounds), key=lambda run: run["process_seconds"])
    return runs[len(runs) // 2]


def screen_text_shares(rounds: Sequence[Round]) -> dict[str, float]:
    """Say which share of indexing is reading screen text.

    Of the wall and of the processor time, by what it takes to leave it out; it also slows what
    runs beside it. Of the stages, by what they took themselves.
    """

    def share(figure: str) -> float:
        pairs = ((one["everything on"], one["without screen text"]) for one in rounds)
        return median(1 - off[figure] / on[figure] for on, off in pairs)

    stages = [_costs(one["everything on"]) for one in rounds]
    return {
        "of_wall_time": share("process_seconds"),
        "of_processor_time": share("processor_seconds"),
        "of_stages": median(one["screen_text"] / sum(one.values()) for one in stages),
    }


def kept_frames(library: Path) -> KeptFrames:
    """Count frames over all videos of a library."""
    looks = passed = kept = 0
    with Library.open(library) as opened:
        for video in opened.videos():
            key = opened.stage_keys(video.video_id)["frames"]
            parts = opened.stage_results.parts(video.video_id, "frames", key)
            if parts:
                values, arrays = unpack(parts[0])
                looks += values["looks"]
                passed += values["passed"]
                kept += len(arrays["seconds"])
    return KeptFrames(looks, passed, kept)


def _frames_figures(frames: KeptFrames, run: Mapping[str, Any]) -> dict[str, float]:
    return {
        "looks": frames.looks,
        "passed_the_pixel_gate": frames.passed,
        "kept": frames.kept,
        "kept_of_looks": frames.kept / frames.looks,
        "kept_per_video_second": frames.kept / run["video_seconds"],
    }


def storage(library: Path, video_hours: float) -> dict[str, float]:
    """Measure what a library holds on disk, in megabytes for each hour of video."""
    with closing(sqlite3.connect(library / "catalogue.sqlite")) as catalogue:
        pages = dict(catalogue.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name"))
    parts = sum(size for name, size in pages.items() if name.startswith("stage_"))
    vectors = sum(size for name, size in pages.items() if name.startswith("embedding"))
    sizes = {
        "results of stages": parts,
        "vectors in the catalogue": vectors,
        "rest of the catalogue": sum(pages.values()) - parts - vectors,
        "vector files": _size_of(library / "vectors"),
        "thumbnails": _size_of(library / "thumbnails"),
    }
    sizes["all"] = sum(sizes.values())
    return {name: size / BYTES_PER_MEGABYTE / video_hours for name, size in sizes.items()}


def missed_bars(figures: Mapping[str, Any]) -> list[str]:
    """Name the bars that figures do not reach; a file that failed is one too."""
    runs = figures["runs"]
    missed = [
        f"{runs[name]['times_realtime_process']:.1f} x realtime {name}, not {least:.0f}"
        for name, least in LEAST_TIMES_REALTIME.items()
        if runs[name]["times_realtime_process"] < least
    ]
    share = figures["screen_text_share"]["of_processor_time"]
    if share >= MOST_SCREEN_TEXT_SHARE:
        missed.append(f"screen text takes {100 * share:.1f}%")
    return missed + [f"failed: {path}" for run in runs.values() for path in run["failed"]]


def spelled(figures: Mapping[str, Any]) -> str:
    """Write figures as two tables and what belongs to none."""
    runs = figures["runs"]
    stages = list(dict.fromkeys(name for run in runs.values() for name in _costs(run)))
    share, frames = figures["screen_text_share"], figures["frames"]
    stored = figures["megabytes_per_video_hour"]
    lines = [
        f"{runs['everything on']['video_seconds'] / 60:.1f} minutes of video in "
        f"{runs['everything on']['files']} files; {figures['machine']['cores']} cores.",
        "",
        *_table("", {what: {n: run[key] for n, run in runs.items()} for what, key in ROWS.items()}),
        "",
        "Milliseconds for each second of video, all videos together. Looking, the models and",
        "listening go on side by side, so a stage's time holds its waiting for a core; decoding",
        "counts once.",
        "",
        *_table(
            "stage", {s: {n: _costs(run).get(s, 0.0) for n, run in runs.items()} for s in stages}
        ),
        "",
        f"Screen text takes {100 * share['of_wall_time']:.1f}% of the wall time and "
        f"{100 * share['of_processor_time']:.1f}% of the processor time, by what leaving it out "
        f"saves, and {100 * share['of_stages']:.1f}% of what all stages take themselves.",
        "",
        f"Of {frames['looks']} looks {frames['passed_the_pixel_gate']} passed the pixel gate and "
        f"{frames['kept']} were kept: {100 * frames['kept_of_looks']:.1f}% of the looks, "
        f"{frames['kept_per_video_second']:.2f} for each second of video.",
        "",
        f"An hour of video takes {stored['all']:.1f} MB: "
        + ", ".join(f"{name} {size:.2f}" for name, size in stored.items() if name != "all")
        + ".",
    ]
    return "\n".join(lines) + "\n"


ROWS = {
    "x realtime, the whole process": "times_realtime_process",
    "x realtime, the run": "times_realtime_run",
    "seconds": "process_seconds",
    "processor seconds": "processor_seconds",
    "video seconds for each processor second": "video_seconds_per_processor_second",
    "peak memory, GiB": "peak_gigabytes",
}


def _costs(run: Mapping[str, Any]) -> dict[str, float]:
    costs: dict[str, float] = run["milliseconds_per_video_second"]
    return costs


def _table(corner: str, rows: Mapping[str, Mapping[str, float]]) -> list[str]:
    columns = list(VARIANTS)
    head = [f"| {' | '.join([corner, *columns])} |", f"|---{'|---:' * len(columns)}|"]
    return head + [
        f"| {name} | {' | '.join(f'{row[column]:.2f}' for column in columns)} |"
        for name, row in rows.items()
    ]


def _size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What does indexing cost?")
    named = os.environ.get("CINEDEX_FOOTAGE")
    default = Path(named) if named else ROOT.parent / "shared" / "videos"
    parser.add_argument("--footage", type=Path, default=default)
    parser.add_argument("--rounds", type=int, default=3, help="an odd number")
    parser.add_argument("--library", type=Path, help="keep one with everything on here")
    return parser.parse_args()


if __name__ == "__main__":
    main()
