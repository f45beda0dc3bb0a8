"""The two pictures of abstention: what is kept against what is let through, and reliability."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.abstention.curves import Asked, kept_at, reliability

STEPS = 201


def draw(
    sets: Mapping[str, Sequence[Asked]], thresholds: Mapping[float, float], path: Path
) -> None:
    """Draw ROC curves and reliability of several sets of queries.

    Args:
        sets: By name; a set without absent queries has no ROC curve.
        thresholds: Stated rate of false answers to least probability; marked on the curves.
        path: Of the PNG.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, (roc, calibration) = plt.subplots(1, 2, figsize=(11, 5), layout="constrained")
    levels = np.linspace(0, 1, STEPS)
    for name, asked in sets.items():
        right = [one.probability for one in asked if one.is_right]
        absent = [one.probability for one in asked if one.is_absent]
        rows = reliability(asked)
        [line] = calibration.plot(
            [row["mean probability"] for row in rows],
            [row["right"] for row in rows],
            marker="o",
            label=f"{name} (n = {len(asked)})",
        )
        if absent and right:
            let_through = [kept_at(level, absent) for level in levels]
            kept = [kept_at(level, right) for level in levels]
            roc.plot(let_through, kept, color=line.get_color(), label=name)
            least = list(thresholds.values())
            roc.plot(
                [kept_at(level, absent) for level in least],
                [kept_at(level, right) for level in least],
                "o",
                color=line.get_color(),
            )
    calibration.plot([0, 1], [0, 1], color="0.7", linewidth=1, zorder=0)
    roc.plot([0, 1], [0, 1], color="0.7", linewidth=1, zorder=0)
    roc.set(xlabel="absent queries answered", ylabel="right first moments kept")
    roc.set_title("Dots: thresholds shipped for stated rates")
    calibration.set(xlabel="stated probability", ylabel="share of first moments that answer")
    calibration.set_title("Reliability, in bins of 0.2")
    for axes in (roc, calibration):
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
        axes.legend(fontsize=8, loc="lower right")
        axes.grid(alpha=0.3)
    figure.savefig(path, dpi=110)
    plt.close(figure)
