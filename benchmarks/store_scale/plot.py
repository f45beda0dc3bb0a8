"""Growth as a picture: how every cost rises with the number of vectors in a space."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Panel:
    """One cost.

    Attributes:
        lines: Label to what it shows of a library.
        limit: Height of the dashed line with its label; ``None`` for none.
    """

    title: str
    unit: str
    lines: dict[str, Callable[[Figures], float]]
    limit: tuple[float, str] | None = None


PANELS = (
    Panel(
        "Retriever.search, encoding included",
        "milliseconds",
        {
            "p95": lambda library: library["retriever"]["parts"]["whole"]["p95_ms"],
            "p50": lambda library: library["retriever"]["parts"]["whole"]["p50_ms"],
        },
        (150, "bar for p50 at 1,000,000"),
    ),
    Panel(
        "Parts of a search, p50",
        "milliseconds",
        {
            name: lambda library, name=name: library["retriever"]["parts"][name]["p50_ms"]
            for name in ("lexical", "dense text", "dense picture", "encoding", "rest")
        },
    ),
    Panel(
        "Start of a process to its first search",
        "seconds",
        {
            "from process start": lambda library: library["opening"]["warm"]["process_seconds"],
            "from Library.open": lambda library: library["opening"]["warm"][
                "open_to_searched_seconds"
            ],
        },
        (3, "bar at 1,000,000"),
    ),
    Panel(
        "Disk",
        "MiB",
        {
            "whole library": lambda library: library["disk_mib"]["all"],
            "vector files": lambda library: library["disk_mib"].get("vectors") or float("nan"),
        },
    ),
    Panel(
        "Building",
        "seconds",
        {
            "publishing": lambda library: library["build"]["publish_seconds"],
            "vector index": lambda library: (
                library["build"]["compact_seconds"] + library["build"]["first_search_seconds"]
            ),
        },
    ),
    Panel(
        "Memory of a searching process",
        "MiB",
        {
            "resident": lambda library: library["memory"]["rss_mib"],
            "of its own": lambda library: library["memory"]["uss_mib"],
        },
    ),
)


def plot_growth(libraries: list[Figures], path: Path) -> None:
    """Draw libraries of two equal spaces, from small to large."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    ordered = sorted(libraries, key=_vectors)
    figure, axes = plt.subplots(2, 3, figsize=(15, 8.5), layout="constrained")
    for panel, axis in zip(PANELS, axes.flat, strict=True):
        _draw(panel, axis, ordered)
    figure.suptitle("How a cinedex library grows (two spaces of 384 dimensions)", fontsize=14)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _draw(panel: Panel, axis: Any, ordered: list[Figures]) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    counts = [_vectors(library) for library in ordered]
    for label, height in panel.lines.items():
        axis.plot(counts, [height(library) for library in ordered], marker="o", label=label)
    if panel.limit is not None:
        height, label = panel.limit
        axis.axhline(height, color="grey", linestyle="--", linewidth=1, label=label)
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.set_xticks(counts, [_short(count) for count in counts])
    axis.xaxis.set_minor_locator(NullLocator())
    axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5)))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    axis.yaxis.set_minor_locator(NullLocator())
    axis.set_title(panel.title)
    axis.set_xlabel("vectors in each space")
    axis.set_ylabel(panel.unit)
    axis.grid(True, alpha=0.25)
    axis.legend(fontsize=9)


def _short(count: int) -> str:
    return f"{count / 1e6:g}M" if count >= 1e6 else f"{count / 1e3:g}k"


def _vectors(library: Figures) -> int:
    return min(library["vectors"].values())
