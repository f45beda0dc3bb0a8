"""The same vectors and queries in what a user would take instead of cinedex, in one run.

All are asked for the 10 nearest, one query at a time, warm, in process. cinedex returns whole hits
(clip, span, text), the others row numbers. cinedex's building and disk are those of the vector part
where they can be told apart from those of the catalogue with its texts; both are given.
"""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.store_scale.building import Built, folder_bytes
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


def compare(built: Built, queries: Queries, scratch: Path, num_queries: int) -> dict[str, Any]:
    """Measure every contestant on the text space of a library."""
    parts = [part for part in parts_of(built.plan, TEXT) if part.name in (EVERYTHING, FILTER)]
    masks = {part.name: part.mask(built.plan, TEXT) for part in parts}
    vectors = built.vectors(TEXT)
    asked = queries.vectors[:num_queries]
    exact = nearest_rows(vectors, asked, K, masks)
    videos = np.arange(len(vectors)) // built.plan.rows_per_video(TEXT)
    figures: dict[str, Any] = {}
    for name, make in contestants(built).items():
        folder = scratch / "contestant"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        contestant = make()
        started = time.perf_counter()
        contestant.build(folder, vectors, videos)
        figures[name] = {
            "build_seconds": round(time.perf_counter() - started, 2),
            "disk_mib": round(folder_bytes(folder) / BYTES_PER_MIB, 1),
        }
        for part in parts:
            figures[name][part.name] = _measure(contestant, part, asked, exact[part.name][1])
        contestant.close()
        print(f"{len(vectors):,} vectors, {name}: {figures[name]}", flush=True)
        shutil.rmtree(folder)
    figures["cinedex"] |= _of_cinedex(built)
    return figures


def _measure(contestant: Contestant, part: Part, asked: Any, true: Any) -> dict[str, float]:
    def search(query: Any) -> list[int]:
        return contestant.search(query, K, part.videos)

    timed(search, asked[:WARM_UP])
    found, seconds = timed(search, asked)
    return {**summary(seconds), "recall_at_10": round(recall(found, true), 4)}


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
        print("sqlite-vec is not installed and does not take part", flush=True)
        return {}
    return {"sqlite-vec": SqliteVec}


def _lance() -> dict[str, Callable[[], Contestant]]:
    try:
        from lancedb.index import HnswSq, IvfFlat

        from benchmarks.store_scale.contestants.lance import Lance
    except ImportError:
        print("lancedb is not installed and does not take part", flush=True)
        return {}
    careful = (("nprobes", 50), ("ef", 200), ("refine_factor", 10))
    return {
        "LanceDB, scan": Lance,
        "LanceDB, IVF_FLAT": lambda: Lance(IvfFlat(distance_type="cosine")),
        "LanceDB, IVF_HNSW_SQ": lambda: Lance(HnswSq(distance_type="cosine")),
        "LanceDB, IVF_HNSW_SQ, careful": lambda: Lance(HnswSq(distance_type="cosine"), careful),
    }
