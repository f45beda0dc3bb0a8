"""Index films of several lengths, everything on, and compare what they hold in memory.

    python -m benchmarks.long_film [--hours 3 10] [--scratch FOLDER] [--check]

The film is the sample film again and again. The figures are printed and kept in
``benchmarks/results/long_film.json`` with a chart of the memory over each run beside them; a film
of three hours or more takes several minutes an hour.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.long_film.composing import check, compose
from benchmarks.long_film.measuring import MemoryRun, index_film
from benchmarks.long_film.plot import draw
from benchmarks.run import RESULTS, SAMPLE, keep, machine

SHORT_HOURS = 1 / 6
MOST_GROWTH = 0.1
MOST_MEGABYTES = 2500.0
SECONDS_PER_HOUR = 3600.0


def main() -> None:
    """Measure, print, keep; end with 1 where the bar is missed."""
    arguments = _arguments()
    runs: dict[str, MemoryRun] = {}
    with tempfile.TemporaryDirectory(prefix="cinedex-long-", dir=arguments.scratch) as folder:
        for hours in (arguments.short_hours, *arguments.hours):
            run = _measure(hours, Path(folder), does_check=arguments.check)
            runs[_name(run)] = run
            print(f"{_name(run)}: {run.summary()}", flush=True)
    figures = _figures(runs)
    keep("long_film", figures)
    draw({name: run.samples for name, run in runs.items()}, RESULTS / "long_film.png")
    for name, growth in figures["growth"].items():
        print(f"{name}: {100 * growth:+.1f}% over the short film")
    if not figures["is_within_bars"]:
        raise SystemExit(1)


def _measure(hours: float, folder: Path, *, does_check: bool) -> MemoryRun:
    (sample,) = SAMPLE.glob("*.mp4")
    film = folder / f"film-{hours:.3f}.mp4"
    seconds = compose(sample, film, hours * SECONDS_PER_HOUR)
    if does_check:
        check(film, sample)
    run = index_film(film, seconds, folder / f"library-{hours:.3f}")
    film.unlink()
    return run


def _figures(runs: dict[str, MemoryRun]) -> dict[str, Any]:
    """Compare every film with the first one."""
    short, *long = runs.values()
    growth = {
        name: run.peak_megabytes / short.peak_megabytes - 1
        for name, run in runs.items()
        if run is not short
    }
    # The bar is set for three hours; longer films are reported beside it.
    judged = min(long, key=lambda run: run.film_seconds)
    return {
        "machine": machine(),
        "films": {name: run.summary() for name, run in runs.items()},
        "growth": growth,
        "most_growth": MOST_GROWTH,
        "most_megabytes": MOST_MEGABYTES,
        "is_within_bars": judged.peak_megabytes <= (1 + MOST_GROWTH) * short.peak_megabytes
        and max(run.peak_megabytes for run in long) < MOST_MEGABYTES,
    }


def _name(run: MemoryRun) -> str:
    minutes = round(run.film_seconds / 60)
    return f"{minutes // 60}:{minutes % 60:02} h"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Does memory grow with the length of a film?")
    parser.add_argument("--hours", type=float, nargs="+", default=[3.0, 10.0])
    parser.add_argument("--short-hours", type=float, default=SHORT_HOURS)
    parser.add_argument("--scratch", type=Path, help="where films and libraries are put meanwhile")
    parser.add_argument("--check", action="store_true", help="decode each composed film first")
    return parser.parse_args()


if __name__ == "__main__":
    main()
