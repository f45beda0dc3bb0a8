"""How figures are written for people, in the terminal and on a page."""

from cinedex.evaluation.figures import Figure
from cinedex.evaluation.report import Counts, Report


def count_lines(report: Report) -> list[str]:
    """Say how many queries the figures are about, and what became of the others."""
    counts, left_out = report.counts, report.options.only_indexed
    lines = [f"{counts.num_scored} of {counts.num_queries} queries scored"]
    if counts.num_without_prediction:
        fate = "left out" if left_out else "counted as misses"
        lines.append(f"{counts.num_without_prediction} without a prediction, {fate}")
    return [*lines, *_other_misses(counts)]


def _other_misses(counts: Counts) -> list[str]:
    lines = []
    if counts.num_refused:
        lines.append(f"{counts.num_refused} could not be put, counted as misses")
    if counts.num_without_moments:
        lines.append(f"{counts.num_without_moments} for which nothing was found")
    if counts.num_only_here:
        lines.append(f"{counts.num_only_here} not predicted by the other run, its misses")
    return lines


def figure_cells(figure: Figure) -> list[str]:
    """Write one figure, in percent; with the difference to the other run where there is one."""
    cells = [
        figure.name,
        percent(figure.mean),
        f"[{percent(figure.low)}, {percent(figure.high)}]",
        str(figure.num_queries),
    ]
    difference = figure.difference
    if difference is None:
        return cells
    bounds = f"[{signed(difference.low)}, {signed(difference.high)}]"
    return [*cells, signed(difference.mean), bounds, f"{difference.p_value:.4f}"]


def percent(share: float) -> str:
    """Write a share in percent.

    Example:
        >>> percent(0.53935)
        '53.94'
    """
    return f"{100 * share:.2f}"


def signed(share: float) -> str:
    """Write a difference of shares in percent, with its sign.

    Example:
        >>> signed(0.031), signed(-1e-9)
        ('+3.10', '+0.00')
    """
    return f"{round(100 * share, 2) + 0.0:+.2f}"
