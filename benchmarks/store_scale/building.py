"""Publish a made-up library through the store's own door, or find it published."""

import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.store_scale.films import FilmMaker
from benchmarks.store_scale.plan import SPACES, Plan
from store.library import Library
from store.records import Space

VIDEOS_PER_REPORT = 100


@dataclass(frozen=True, slots=True)
class Built:
    """A library on disk, with the vectors that went into it.

    Attributes:
        root: The library, and beside it ``text.npy`` and ``picture.npy``: ``(N, D)`` float16.
        figures: What building it cost.
    """

    plan: Plan
    folder: Path
    figures: dict[str, Any]

    @property
    def root(self) -> Path:
        """The library's own directory."""
        return library_of(self.folder)

    def vectors(self, space: str) -> NDArray[np.float16]:
        """Map the vectors of a space, in row order, as the library stores them."""
        return np.load(self.folder / f"{space}.npy", mmap_mode="r")


def library_of(folder: Path) -> Path:
    """Say where the library lies in a built folder."""
    return folder / "library"


def build(plan: Plan, maker: FilmMaker, scratch: Path, *, rebuild: bool = False) -> Built:
    """Publish a library; one that is complete in ``scratch`` is taken as it is.

    Args:
        plan: What goes in.
        maker: Of the videos.
        scratch: Folder of all built libraries.
        rebuild: Throw away what is there.
    """
    folder = scratch / plan.name
    report = folder / "built.json"
    if rebuild or not report.is_file():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        figures = _publish(plan, maker, folder)
        report.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    return Built(plan, folder, json.loads(report.read_text("utf-8")))


def folder_bytes(folder: Path) -> int:
    """Add up the files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _publish(plan: Plan, maker: FilmMaker, folder: Path) -> dict[str, Any]:
    kept = {
        space: np.lib.format.open_memmap(
            folder / f"{space}.npy", "w+", np.float16, (plan.num_rows(space), maker.dimension)
        )
        for space in SPACES
    }
    publish_seconds = 0.0
    slowest_seconds = 0.0
    with Library.create(library_of(folder)) as library:
        for number in range(plan.num_videos):
            film = maker.film(number, plan.pictures_per_clip)
            for space, vectors in film.vectors.items():
                first = number * plan.rows_per_video(space)
                kept[space][first : first + len(vectors)] = vectors
            started = time.perf_counter()
            library.publish(film.indexed)
            seconds = time.perf_counter() - started
            publish_seconds += seconds
            slowest_seconds = max(slowest_seconds, seconds)
            _report(plan, number + 1, publish_seconds)
        started = time.perf_counter()
        compact(library)
        compact_seconds = time.perf_counter() - started
        started = time.perf_counter()
        touch(library, maker.spaces)
        first_search_seconds = time.perf_counter() - started
    for vectors in kept.values():
        vectors.flush()
    return {
        "videos": plan.num_videos,
        "publish_seconds": publish_seconds,
        "slowest_publish_seconds": slowest_seconds,
        "compact_seconds": compact_seconds,
        "first_search_seconds": first_search_seconds,
        "build_seconds": publish_seconds + compact_seconds + first_search_seconds,
    }


def compact(library: Library) -> None:
    """Bring the vector index in order where the store has a verb for that."""
    if hasattr(library, "compact"):
        library.compact()


def touch(library: Library, spaces: Sequence[Space]) -> None:
    """Search every space once, which makes whatever a first search makes."""
    for space in spaces:
        query = np.full((1, space.dimension), space.dimension**-0.5, np.float32)
        library.search_vectors(space.space_id, query, 1, query_encoder_id=space.query_encoder_id)


def _report(plan: Plan, done: int, seconds: float) -> None:
    if done % VIDEOS_PER_REPORT == 0 or done == plan.num_videos:
        print(
            f"{plan.name}: {done:,} of {plan.num_videos:,} videos, {seconds:.0f} s of publishing",
            flush=True,
        )
