"""A report as one HTML page that needs nothing beside it: style, plots and pictures are inside."""

from base64 import b64encode
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

from cinedex.evaluation.page_style import STYLE
from cinedex.evaluation.plots import forest_plot, histogram_plot, recall_plot, timeline_plot
from cinedex.evaluation.prediction import PredictedMoment
from cinedex.evaluation.report import Failure, Report
from cinedex.evaluation.report_text import count_lines, figure_cells, percent
from cinedex.wording import short_source, span_text
from store.errors import DatasetError
from store.timespan import TimeSpan

Pictures = Callable[[str, float], bytes | None]
"""A JPEG of a video, as a dataset or a prediction names it, at an instant; ``None``: none there."""


def page_of(report: Report, dataset: str, against: str | None, pictures: Pictures) -> str:
    """Write a report as HTML.

    Args:
        report: What was measured.
        dataset: Name of the file that was asked.
        against: Name of the predictions that it was compared with.
        pictures: For the failures.
    """
    title = escape(dataset)
    sections = [
        f"<h1>{title}</h1>",
        *(f"<p class='count'>{escape(line)}</p>" for line in _facts(report, against)),
        _figures(report),
        _plots(report),
        _sources(report),
        _failures(report, pictures),
        _answers(report),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head>"
        f"<body><main>{''.join(sections)}</main></body></html>\n"
    )


def write_page(path: Path, page: str) -> None:
    """Write a page, in place of one that is there.

    Raises:
        DatasetError: It cannot be written there.
    """
    try:
        path.expanduser().write_text(page, "utf-8")
    except OSError as error:
        raise DatasetError(f"{path} cannot be written ({error}); name another file") from error


def _facts(report: Report, against: str | None) -> list[str]:
    where = "the whole library" if report.options.is_corpus else "each query's own video"
    facts = [f"format {report.format_name}; searched: {where}", "; ".join(count_lines(report))]
    return facts if against is None else [*facts, f"compared with {against}"]


def _figures(report: Report) -> str:
    is_compared = any(figure.difference for figure in report.figures)
    headings = ["measure", "%", "95% interval", "queries"]
    if is_compared:
        headings += ["difference", "95% interval", "p"]
    rows = "".join(
        f"<tr>{_cells(figure_cells(figure))}<td>{forest_plot(figure)}</td></tr>"
        for figure in report.figures
    )
    return f"<h2>Measures</h2>{_table([*headings, '0 to 100 %'], rows)}"


def _plots(report: Report) -> str:
    if not report.recall_curves:
        return ""
    return (
        '<div class="plots">'
        f"<figure><figcaption>Recall: a moment among the first k is right</figcaption>"
        f"{recall_plot(report.recall_curves)}</figure>"
        f"<figure><figcaption>Queries by how well the first moment fits</figcaption>"
        f"{histogram_plot(report.iou_histogram)}</figure></div>"
    )


def _sources(report: Report) -> str:
    if not report.sources:
        return ""
    shares = [
        [
            short_source(share.source),
            *(
                f"{count} of {report.num_right}"
                for count in (share.num_found, share.num_first, share.num_alone)
            ),
        ]
        for share in report.sources
    ]
    kinds = ", ".join(f"{kind} {count}" for kind, count in report.kinds.items())
    rows = "".join(f"<tr>{_cells(row)}</tr>" for row in shares)
    return (
        "<h2>Who found what is right</h2>"
        f"{_table(['source', 'found', 'ranked first', 'found alone'], rows)}"
        f"<p class='count'>what matched best: {escape(kinds)}</p>"
    )


def _failures(report: Report, pictures: Pictures) -> str:
    if not report.failures:
        return ""
    shown = "" if len(report.failures) == report.num_failures else ", the worst first"
    cards = "".join(_card(failure, pictures) for failure in report.failures)
    return (
        f"<h2>Failures</h2><p class='count'>{len(report.failures)} of {report.num_failures} "
        f"queries whose first moment is not right{shown}; "
        '<span class="key right"></span> true, <span class="key wrong"></span> found</p>'
        f'<div class="cards">{cards}</div>'
    )


def _answers(report: Report) -> str:
    if not report.answer_failures:
        return ""
    cells = (
        [each.text, " / ".join(each.accepted), each.said or "none", percent(each.f1)]
        for each in report.answer_failures
    )
    rows = "".join(f"<tr>{_cells(row)}</tr>" for row in cells)
    shown = len(report.answer_failures)
    return (
        f"<h2>Answers</h2><p class='count'>{shown} of {report.num_answer_failures} answers that "
        "are none of the accepted wordings, the worst first</p>"
        f"{_table(['question', 'accepted', 'answered', 'F1, %'], rows)}"
    )


def _card(failure: Failure, pictures: Pictures) -> str:
    truth, predicted = failure.spans[0], failure.predicted
    video = failure.video or ""
    found = (
        "<div class='half'><div class='none'>nothing found</div></div>"
        if predicted is None
        else _half(predicted.video, predicted.span, _found_by(predicted, video), pictures)
    )
    return (
        f"<article><h3>{escape(failure.text)}</h3>"
        f"<p class='count'>{escape(video)} · query {escape(failure.query_id)} · "
        f"IoU {failure.iou:.2f}</p>"
        f"<div class='halves'>{_half(video, truth, _others(failure.spans), pictures)}{found}</div>"
        f"{timeline_plot(failure.spans, _in_video(predicted, failure.video))}</article>"
    )


def _in_video(moment: PredictedMoment | None, video: str | None) -> PredictedMoment | None:
    """Leave out a moment of another video: it has no place on this one's timeline."""
    return moment if moment is not None and moment.video == video else None


def _half(video: str, span: TimeSpan, note: str, pictures: Pictures) -> str:
    jpeg = pictures(video, span.middle_seconds)
    picture = "<div class='none'>no picture</div>"
    if jpeg is not None:
        data = b64encode(jpeg).decode("ascii")
        picture = f'<img alt="" src="data:image/jpeg;base64,{data}">'
    return f"<div class='half'>{picture}<div>{span_text(span)}</div><small>{note}</small></div>"


def _others(spans: Sequence[TimeSpan]) -> str:
    return f"true, and {len(spans) - 1} more" if len(spans) > 1 else "true"


def _found_by(moment: PredictedMoment, video: str) -> str:
    ranks = (f"{short_source(source)} #{rank}" for source, rank in moment.ranks.items())
    elsewhere = () if moment.video == video else (f"in {moment.video}",)
    kind = (moment.kind,) if moment.kind else ()
    return escape("; ".join(["found", *elsewhere, *kind, *ranks]))


def _table(headings: Sequence[str], rows: str) -> str:
    head = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
    body = f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
    return f'<div class="wide"><table>{body}</table></div>'


def _cells(cells: Sequence[str]) -> str:
    return "".join(f"<td>{escape(cell)}</td>" for cell in cells)
