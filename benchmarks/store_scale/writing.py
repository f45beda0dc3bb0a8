"""What writing costs those who search: waiting told apart from sharing the processor.

The same searches run beside a writer of *another* library, which takes the same processor and disk
but no lock of ours, and beside a writer of *this* one. From every search the time is taken off that
it stood in line for a processor; searches compute in one thread, so that none waits for a helper
that stands in line. What a query then took beside the writer of this library, beyond its median
beside the other one, is put down to the writing itself: waiting for a lock, reading what was added,
taking a new index up. The same excess within the other run says how much of that is mere chance.
"""

import shutil
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.store_scale.building import Built
from benchmarks.store_scale.children import run_child
from benchmarks.store_scale.latencies import MILLISECONDS, summary

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
OTHER, SAME = "beside a writer of another library", "beside a writer of this library"


def measure_writing(
    built: Built, scratch: Path, cache: Path, *, num_seeds: int, num_videos: int
) -> dict[str, Any]:
    """Search while videos are published; the library itself is not changed, but a copy.

    Args:
        built: Searched.
        scratch: With the queries; room for two copies.
        cache: Of ``FilmMaker``.
        num_seeds: Of ``FilmMaker``.
        num_videos: How many are published in each run.
    """
    runs = {}
    for name in (OTHER, SAME):
        copies = scratch / "written"
        shutil.rmtree(copies, ignore_errors=True)
        read = copies / "read"
        shutil.copytree(built.root, read)
        written = read
        if name == OTHER:
            written = copies / "other"
            shutil.copytree(built.root, written)
        print(f"{built.plan.name}: searching {name}", flush=True)
        runs[name] = run_child(
            "reading",
            read.resolve(),
            written.resolve(),
            scratch.resolve(),
            cache.resolve(),
            num_seeds,
            built.plan.num_videos,
            num_videos,
            built.plan.pictures_per_clip,
            environment=ONE_THREAD,
        )
        shutil.rmtree(copies)
    return {"videos_published": num_videos} | _summarise(runs)


def _summarise(runs: dict[str, Any]) -> dict[str, Any]:
    typical = _medians(runs[OTHER]["during"])
    everyone = median(typical.values())
    figures: dict[str, Any] = {}
    for name, run in runs.items():
        excess = [
            seconds - queued - typical.get(query, everyone)
            for query, seconds, queued in run["during"]
        ]
        figures[name] = {
            "searches": len(run["during"]),
            "alone": summary([seconds for _, seconds, _ in run["before"]]),
            "searching": summary([seconds for _, seconds, _ in run["during"]]),
            "queued": summary([queued for _, _, queued in run["during"]]),
            "worst_excess_ms": round(MILLISECONDS * max(excess), 1),
            "p99_excess_ms": round(MILLISECONDS * float(np.percentile(excess, 99)), 1),
            "publishing": summary(run["writer"]["publish_seconds"]),
            "compact_seconds": round(run["writer"]["compact_seconds"], 2),
        }
    return figures


def _medians(searches: list[list[float]]) -> dict[float, float]:
    by_query = defaultdict(list)
    for query, seconds, queued in searches:
        by_query[query].append(seconds - queued)
    return {query: median(times) for query, times in by_query.items()}
