"""How much two nodes of a Ray cluster do in the time of one, and that they find the same.

    python -m benchmarks.cluster [--films 4] [--seconds 330]

Each node is pinned to one core of this machine and each worker has one thread; the head has no
core. Start-up is not counted: every node indexes a short film before the clock starts. Films are
the sample film over and over, each with a name of its own inside, so that each is another video.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import av

from benchmarks.run import SAMPLE, keep, machine
from cinedex.api import open_library
from cinedex.config import load_settings
from store.layout import LibrarySettings
from store.library import Library
from tests.cluster.ray_nodes import SETTINGS, RayNodes
from tests.postgresql import Server, programs

BAR = 1.4
ROOT = Path(__file__).parent.parent
WARM_UP_SECONDS = 10.0
SEAM_SECONDS = 1.0
# Two a node, so that each node's workers are all given something.
WARM_UP_FILMS = 4


def main() -> None:
    """Measure, print and keep the figures."""
    arguments = _arguments()
    os.environ.update(SETTINGS)
    found = programs()
    if found is None:
        raise SystemExit("PostgreSQL is not installed; a cluster needs it")
    server = Server(found)
    try:
        with tempfile.TemporaryDirectory(prefix="cinedex-bench-") as folder:
            keep("cluster", measure(Path(folder), server, arguments.films, arguments.seconds))
    finally:
        server.stop()


def measure(scratch: Path, server: Server, num_films: int, film_seconds: float) -> dict[str, Any]:
    """Index the same films on one node, on two, and with two processes of this machine."""
    films = [write_loop(scratch / f"film {i}.mp4", film_seconds, i) for i in range(num_films)]
    warming = [
        write_loop(scratch / f"short {i}.mp4", WARM_UP_SECONDS, 100 + i)
        for i in range(WARM_UP_FILMS)
    ]
    pool_seconds, pool_dump = _with_processes(scratch / "pool", films, warming)
    figures: dict[str, Any] = {
        "machine": machine(),
        "load_before": os.getloadavg()[0],
        "num_films": num_films,
        "film_seconds": film_seconds,
        "pool_of_two_seconds": pool_seconds,
    }
    for num_nodes in (1, 2):
        library = scratch / f"nodes {num_nodes}"
        settings = LibrarySettings(catalogue=server.new_database())
        Library.create(library, settings=settings).close()
        seconds, dump = _on_nodes(num_nodes, library, films, warming)
        figures[f"nodes_{num_nodes}_seconds"] = seconds
        figures[f"nodes_{num_nodes}_same_dump"] = dump == pool_dump
    figures["speed_up"] = figures["nodes_1_seconds"] / figures["nodes_2_seconds"]
    figures["bar"] = BAR
    return figures


def _with_processes(
    root: Path, films: Sequence[Path], warming: Sequence[Path]
) -> tuple[float, list[str]]:
    settings = replace(load_settings(), threads=2)
    with open_library(root, settings=settings, create=True) as library:
        started = time.perf_counter()
        report = library.index([*warming, *films], jobs=2)
        seconds = time.perf_counter() - started
        if report.failed:
            raise SystemExit(f"indexing failed: {report.failed[0].error}")
        return seconds, list(library.store.dump())


def _on_nodes(
    num_nodes: int, root: Path, films: Sequence[Path], warming: Sequence[Path]
) -> tuple[float, list[str]]:
    """Index in one run; the clock starts when the last of the short films is done."""
    nodes = RayNodes(num_nodes, {"PYTHONPATH": str(ROOT)}, pins_nodes=True)
    ends: dict[Path, float] = {}

    def note(event: Any) -> None:
        if not event.stage and event.state == "finished":
            ends[event.video_path] = time.perf_counter()

    try:
        with open_library(root) as library:
            report = library.index([*warming, *films], ray=nodes.address, on_event=note)
            if report.failed:
                raise SystemExit(f"indexing failed: {report.failed[0].error}")
            warm = max(ends[path] for path in warming)
            return max(ends[path] for path in films) - warm, list(library.store.dump())
    finally:
        nodes.stop()


def write_loop(path: Path, seconds: float, number: int) -> Path:
    """Write the sample film again and again up to a length, without decoding it.

    Args:
        path: Where.
        seconds: At which packet time it ends.
        number: Stands in the file, so that its content is like no other's.
    """
    (film,) = SAMPLE.glob("*.mp4")
    with av.open(str(path), "w") as written:
        written.metadata["comment"] = f"film {number}"
        streams: dict[int, Any] = {}
        offset_seconds = end_seconds = 0.0
        while end_seconds < seconds:
            with av.open(str(film)) as source:
                for stream in (source.streams.video[0], source.streams.audio[0]):
                    if stream.index not in streams:
                        streams[stream.index] = written.add_stream_from_template(stream)
                for packet in source.demux(source.streams.video[0], source.streams.audio[0]):
                    if packet.dts is None:
                        continue
                    shift = round(offset_seconds / packet.time_base)
                    if float((packet.dts + shift) * packet.time_base) > seconds:
                        end_seconds = seconds
                        continue
                    end = (packet.pts + packet.duration + shift) * packet.time_base
                    end_seconds = max(end_seconds, float(end))
                    packet.stream = streams[packet.stream.index]
                    packet.pts += shift
                    packet.dts += shift
                    written.mux(packet)
            offset_seconds = end_seconds + SEAM_SECONDS
    return path


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--films", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=330.0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
