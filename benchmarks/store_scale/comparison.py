"""The same vectors and queries in what a user would take instead of cinedex, in one run.

All are asked for the 10 nearest, one query at a time, warm, each in a process of its own. cinedex
returns whole hits (clip, span, text), the others row numbers. cinedex's building and disk are those
of the whole library with texts, words and pictures; its vector files are given apart.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.store_scale.building import Built, folder_bytes
from benchmarks.store_scale.children import run_child
from benchmarks.store_scale.contestants.cinedex_store import CinedexStore
from benchmarks.store_scale.contestants.flat_numpy import FlatNumpy
from benchmarks.store_scale.contestants.interfaces import Contestant
from benchmarks.store_scale.exact import nearest_rows, recall
from benchmarks.store_scale.latencies import summary, timed
from benchmarks.store_scale.plan import TEXT
from benchmarks.store_scale.queries import Queries
from benchmarks.store_scale.scopes import EVERYTHING, Part, parts_of

K = 10
WARM_UP = 10
FILTER = "1% by video"
BYTES_PER_MIB = 2**20


def contestants(built: Built) -> dict[str, Callable[[], Contestant]]:
    """Name everything that takes part and is installed."""
    makers: dict[str, Callable[[], Contestant]] = {
        "cinedex": lambda: CinedexStore(built),
        "numpy, float32 in memory": FlatNumpy,
    }
    return makers | _sqlite_vec() | _lance()


def compare(built: Built, scratch: Path, num_queries: int) -> dict[str, Any]:
    """Measure every contestant on the text space of a library, each in a process of its own."""
    figures: dict[str, Any] = {}
    for name in contestants(built):
        figures[name] = run_child(
            "competing",
            built.folder.resolve(),
            built.plan.num_texts,
            built.plan.pictures_per_clip,
            scratch.resolve(),
            num_queries,
            name,
        )
        print(f"{built.plan.num_rows(TEXT):,} vectors, {name}: {figures[name]}", flush=True)
    figures["cinedex"] |= _of_cinedex(built)
    return figures


def measure_contestant(
    contestant: Contestant, built: Built, queries: Queries, folder: Path
) -> dict[str, Any]:
    """Build, search all and a filtered part, and only then look up what was to be found.

    Args:
        contestant: New.
        built: Whose text vectors it gets.
        queries: Asked one at a time.
        folder: Empty.
    """
    parts = [part for part in parts_of(built.plan, TEXT) if part.name in (EVERYTHING, FILTER)]
    vectors = built.vectors(TEXT)
    videos = np.arange(len(vectors)) // built.plan.rows_per_video(TEXT)
    started = time.perf_counter()
    contestant.build(folder, vectors, videos)
    figures: dict[str, Any] = {
        "build_seconds": round(time.perf_counter() - started, 2),
        "disk_mib": round(folder_bytes(folder) / BYTES_PER_MIB, 1),
    }
    found = {}
    for part in parts:
        found[part.name], seconds = _search(contestant, part, queries)
        figures[part.name] = summary(seconds)
    contestant.close()
    masks = {part.name: part.mask(built.plan, TEXT) for part in parts}
    exact = nearest_rows(vectors, queries.vectors, K, masks)
    for name, (_, rows) in exact.items():
        figures[name]["recall_at_10"] = round(recall(found[name], rows), 4)
    return figures


def _search(
    contestant: Contestant, part: Part, queries: Queries
) -> tuple[list[list[int]], list[float]]:
    def search(query: Any) -> list[int]:
        return contestant.search(query, K, part.videos)

    timed(search, queries.vectors[:WARM_UP])
    return timed(search, queries.vectors)


def _of_cinedex(built: Built) -> dict[str, Any]:
    """Say what the whole library took: its texts, pictures and words too."""
    vectors = built.root / "vectors"
    return {
        "build_seconds": round(built.figures["build_seconds"], 2),
        "disk_mib": round(folder_bytes(built.root) / BYTES_PER_MIB, 1),
        "disk_of_vector_files_mib": round(folder_bytes(vectors) / BYTES_PER_MIB, 1),
        "is_whole_library": True,
    }


def _sqlite_vec() -> dict[str, Callable[[], Contestant]]:
    try:
        from benchmarks.store_scale.contestants.sqlite_vec import SqliteVec
    except ImportError:
        print("sqlite-vec is not installed and does not take part", file=sys.stderr)
        return {}
    return {"sqlite-vec": SqliteVec}


def _lance() -> dict[str, Callable[[], Contestant]]:
    try:
        from lancedb.index import HnswSq, IvfFlat

        from benchmarks.store_scale.contestants.lance import Lance
    except ImportError:
        print("lancedb is not installed and does not take part", file=sys.stderr)
        return {}
    careful = (("nprobes", 50), ("ef", 200), ("refine_factor", 10))
    return {
        "LanceDB, scan": Lance,
        "LanceDB, IVF_FLAT": lambda: Lance(IvfFlat(distance_type="cosine")),
        "LanceDB, IVF_HNSW_SQ": lambda: Lance(HnswSq(distance_type="cosine")),
        "LanceDB, IVF_HNSW_SQ, careful": lambda: Lance(HnswSq(distance_type="cosine"), careful),
    }
