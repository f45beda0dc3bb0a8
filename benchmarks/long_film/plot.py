"""The chart of memory over indexing runs."""

from collections.abc import Mapping, Sequence
from pathlib import Path


def draw(runs: Mapping[str, Sequence[tuple[float, float]]], path: Path) -> None:
    """Draw the memory of runs over the share of each that has passed.

    Args:
        runs: Name to seconds since the start and resident megabytes.
        path: Of the PNG file.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axis = plt.subplots(figsize=(8, 4), layout="constrained")
    for name, samples in runs.items():
        end = samples[-1][0]
        shares = [100 * seconds / end for seconds, _ in samples]
        axis.plot(shares, [megabytes for _, megabytes in samples], label=name, linewidth=1)
    axis.set_xlabel("share of the run, %")
    axis.set_ylabel("resident memory, MiB")
    axis.set_ylim(bottom=0)
    axis.legend()
    axis.set_title("Memory while films of several lengths are indexed")
    figure.savefig(path, dpi=90)
    plt.close(figure)
