"""Everything that is measured about one library, put together."""

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.store_scale.building import Built, folder_bytes
from benchmarks.store_scale.children import measure_opening, run_child
from benchmarks.store_scale.exact import nearest_rows, recall
from benchmarks.store_scale.plan import PICTURE, SPACES, TEXT
from benchmarks.store_scale.queries import Queries
from benchmarks.store_scale.scopes import EVERYTHING, parts_of

K = 10
BYTES_PER_MIB = 2**20


def measure_library(
    built: Built, queries: Queries, queries_folder: Path, num_recall: int
) -> dict[str, Any]:
    """Open, search and check one library against exact search."""
    plan = built.plan
    print(f"{plan.name}: opening and searching", flush=True)
    figures: dict[str, Any] = {
        "videos": plan.num_videos,
        "clips": plan.num_clips,
        "vectors": {space: plan.num_rows(space) for space in SPACES},
        "build": built.figures,
        "disk_mib": disk_by_kind(built.root),
        "opening": measure_opening(built.root, queries_folder),
    }
    figures |= run_child(
        "searching",
        built.folder.resolve(),
        plan.num_texts,
        plan.pictures_per_clip,
        queries_folder.resolve(),
        num_recall,
    )
    for space in (TEXT, PICTURE):
        _check(built, space, queries, num_recall, figures["spaces"][space])
    return figures


def disk_by_kind(root: Path) -> dict[str, float]:
    """Measure the library's files in MiB: all, and by the first part of their path."""
    sizes = {"all": folder_bytes(root)}
    for path in sorted(root.iterdir()):
        sizes[path.name] = folder_bytes(path) if path.is_dir() else path.stat().st_size
    return {name: round(size / BYTES_PER_MIB, 2) for name, size in sizes.items()}


def _check(
    built: Built, space: str, queries: Queries, num_recall: int, figures: dict[str, Any]
) -> None:
    """Put recall in place of the rows found; and how near the nearest rows are."""
    masks = {part.name: part.mask(built.plan, space) for part in parts_of(built.plan, space)}
    exact = nearest_rows(built.vectors(space), queries.vectors[:num_recall], K, masks)
    for name, (_, rows) in exact.items():
        figures[name]["recall_at_10"] = round(recall(figures[name].pop("found"), rows), 4)
        figures[name]["share_of_rows"] = round(float(masks[name].mean()), 4)
    cosines = np.median(exact[EVERYTHING][0], axis=0)
    figures[EVERYTHING]["median_cosine_of_first"] = round(float(cosines[0]), 3)
    figures[EVERYTHING]["median_cosine_of_tenth"] = round(float(cosines[-1]), 3)
