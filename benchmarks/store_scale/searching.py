"""A process that does nothing but search one library, so that its memory is that of searching.

    python -m benchmarks.store_scale.searching FOLDER NUM_TEXTS PICTURES_PER_CLIP QUERIES RECALL

It prints one line of JSON: latencies by part, what each search found, memory.
"""

import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from benchmarks.store_scale.building import library_of
from benchmarks.store_scale.latencies import summary, timed
from benchmarks.store_scale.models import query_encoder
from benchmarks.store_scale.plan import Plan
from benchmarks.store_scale.processor import queued_seconds
from benchmarks.store_scale.queries import Queries, read_queries
from benchmarks.store_scale.scopes import EVERYTHING, parts_of
from benchmarks.store_scale.stopwatch import REST, Stopwatch, TimedEncoder, TimedLibrary
from retriever.options import SearchOptions
from retriever.search import Retriever
from store.library import Library
from store.records import Scope, Space

K = 10
# What a retriever asks of each source.
DEPTH = SearchOptions().depth
WARM_UP = 20
BYTES_PER_KIB = 2**10
BYTES_PER_MIB = 2**20


def main() -> None:
    """Search and print."""
    folder, num_texts, pictures_per_clip, queries_folder, num_recall = sys.argv[1:]
    plan = Plan(int(num_texts), int(pictures_per_clip))
    queries = read_queries(Path(queries_folder))
    figures: dict[str, Any] = {}
    with Library.open(library_of(Path(folder))) as library:
        figures["retriever"] = measure_retriever(library, queries)
        # Before the scopes are measured: this is what a process that searches needs.
        figures["memory"] = memory()
        figures["spaces"] = {
            space.embeds: measure_space(library, space, plan, queries, int(num_recall))
            for space in library.spaces()
        }
    figures["memory_after_scopes"] = memory()
    print(json.dumps(figures))


def measure_retriever(library: Library, queries: Queries) -> dict[str, Any]:
    """Time whole searches, warm, and their parts."""
    watch = Stopwatch()
    encoder = TimedEncoder(query_encoder(), watch)
    stand_in: Any = TimedLibrary(library, watch)
    retriever = Retriever(stand_in, {encoder.encoder_id: encoder})
    timed(retriever.search, queries.texts[:WARM_UP])
    watch.take()
    parts = []

    def search(text: str) -> None:
        retriever.search(text)
        parts.append(watch.take())

    queued = queued_seconds()
    _, totals = timed(search, queries.texts)
    queued = queued_seconds() - queued
    names = dict.fromkeys(name for part in parts for name in part)
    figures = {"whole": summary(totals)}
    figures |= {name: summary([part.get(name, 0.0) for part in parts]) for name in names}
    rests = [total - sum(part.values()) for total, part in zip(totals, parts, strict=True)]
    # More than a few percent: the machine was busy, or our threads are in each other's way.
    share = {"share_in_line_for_a_processor": round(queued / sum(totals), 3)}
    return {"parts": figures | {REST: summary(rests)}, **share}


def measure_space(
    library: Library, space: Space, plan: Plan, queries: Queries, num_recall: int
) -> dict[str, Any]:
    """Time searches of each part of a space, and list the rows found."""
    figures = {}
    for part in parts_of(plan, space.embeds):
        search = searcher(library, space, part.scope, plan, K)
        count = len(queries.vectors) if part.name == EVERYTHING else num_recall
        timed(search, queries.vectors[:2])
        found, seconds = timed(search, queries.vectors[:count])
        figures[part.name] = {**summary(seconds), "found": found[:num_recall]}
    _, seconds = timed(searcher(library, space, Scope(), plan, DEPTH), queries.vectors)
    return figures | {f"everything, {DEPTH} deep": summary(seconds)}


def searcher(
    library: Library, space: Space, scope: Scope, plan: Plan, k: int
) -> Callable[[Any], list[int]]:
    """Make a search for the ``k`` nearest rows of a vector."""

    def search(vector: Any) -> list[int]:
        [hits] = library.search_vectors(
            space.space_id, vector[None], k, scope, query_encoder_id=space.query_encoder_id
        )
        return [plan.row_of(hit) for hit in hits]

    return search


def memory() -> dict[str, float]:
    """Give this process's memory in MiB: now, of its own (not shared with the disk cache), most."""
    now = psutil.Process().memory_full_info()
    return {
        "rss_mib": round(now.rss / BYTES_PER_MIB),
        "uss_mib": round(now.uss / BYTES_PER_MIB),
        "peak_rss_mib": round(peak_bytes() / BYTES_PER_MIB),
    }


def peak_bytes() -> int:
    """Give the largest resident set so far.

    Linux's ``ru_maxrss`` starts from that of the parent process, so it is asked for last.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) * BYTES_PER_KIB
    bytes_per_unit = 1 if sys.platform == "darwin" else BYTES_PER_KIB
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * bytes_per_unit


if __name__ == "__main__":
    main()
