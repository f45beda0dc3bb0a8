"""A report of an evaluation for people, in a terminal."""

from typing import TYPE_CHECKING

from cinedex.cli.output import plain, results, table
from cinedex.wording import short_source

if TYPE_CHECKING:
    from cinedex.evaluation.figures import Figure
    from cinedex.evaluation.report import Counts, Report


def show_report(report: "Report") -> None:
    """Write the figures, who found what, and how many failed."""
    console = results()
    for line in count_lines(report):
        console.print(line, soft_wrap=True)
    is_compared = any(figure.difference for figure in report.figures)
    headings = ("measure", ">%", ">95% interval", ">queries")
    compared = (">difference", ">95% interval", ">p")
    rows = table(*headings, *(compared if is_compared else ()))
    for figure in report.figures:
        rows.add_row(*figure_cells(figure))
    console.print(rows)
    _show_sources(report)


def count_lines(report: "Report") -> list[str]:
    """Say how many queries the figures are about, and what became of the others."""
    counts, left_out = report.counts, report.options.only_indexed
    lines = [f"{counts.num_scored} of {counts.num_queries} queries scored"]
    if counts.num_without_prediction:
        fate = "left out" if left_out else "counted as misses"
        lines.append(f"{counts.num_without_prediction} without a prediction, {fate}")
    return [*lines, *_other_misses(counts)]


def _other_misses(counts: "Counts") -> list[str]:
    lines = []
    if counts.num_refused:
        lines.append(f"{counts.num_refused} could not be put, counted as misses")
    if counts.num_without_moments:
        lines.append(f"{counts.num_without_moments} for which nothing was found")
    return lines


def figure_cells(figure: "Figure") -> list[str]:
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


def _show_sources(report: "Report") -> None:
    if not report.sources:
        return
    rows = table("source", ">found", ">ranked first", ">found alone")
    for share in report.sources:
        rows.add_row(
            plain(short_source(share.source)),
            f"{share.num_found} of {report.num_right}",
            str(share.num_first),
            str(share.num_alone),
        )
    results().print(rows)
    kinds = ", ".join(f"{plain(kind)} {count}" for kind, count in report.kinds.items())
    results().print(f"what matched best: {kinds}", soft_wrap=True)
