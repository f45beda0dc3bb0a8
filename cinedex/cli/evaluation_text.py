"""A report of an evaluation for people, in a terminal."""

from typing import TYPE_CHECKING

from cinedex.cli.output import plain, results, table
from cinedex.wording import short_source

if TYPE_CHECKING:
    from cinedex.evaluation.report import Report


def show_report(report: "Report") -> None:
    """Write the figures, who found what, and how many failed."""
    from cinedex.evaluation.report_text import count_lines, figure_cells

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
    if report.num_answer_failures:
        console.print(
            f"answers that are none of the accepted wordings: {report.num_answer_failures}; "
            "--html shows them",
            soft_wrap=True,
        )


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
