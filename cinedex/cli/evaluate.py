"""``cinedex evaluate``: how good a library is at queries whose answers are known."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cinedex.cli.options import JsonOption, LibraryOption, OfflineOption, ProfileOption, open_with
from cinedex.cli.output import print_json, say
from store.errors import ConfigError, LibraryNotFoundError

if TYPE_CHECKING:
    from cinedex.api import CinedexLibrary
    from cinedex.datasets.query import DatasetQuery
    from cinedex.evaluation.report import Report

MAX_NAMED = 3


def evaluate(
    context: typer.Context,
    dataset: Annotated[Path, typer.Argument(help="File of queries; docs/EVALUATION.md.")],
    format_name: Annotated[
        str,
        typer.Option(
            "--format",
            help="qvhighlights, charades, activitynet, nextgqa, tvqa, tvqa-long or own.",
        ),
    ],
    k: Annotated[int, typer.Option("-k", min=1, help="Moments predicted for a query.")] = 10,
    asks: Annotated[
        bool, typer.Option("--ask", help="Answer the questions, and measure answers too.")
    ] = False,
    is_corpus: Annotated[
        bool,
        typer.Option("--corpus", help="Search the whole library, not the video that is named."),
    ] = False,
    only_indexed: Annotated[
        bool,
        typer.Option("--only-indexed", help="Leave out what the library does not hold."),
    ] = False,
    predictions: Annotated[
        Path | None, typer.Option("--predictions", help="Write predictions: JSON Lines.")
    ] = None,
    made: Annotated[
        Path | None,
        typer.Option("--from", help="Measure these predictions; the library is not searched."),
    ] = None,
    against: Annotated[
        Path | None, typer.Option("--against", help="Compare with these predictions.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write the report as one HTML page, too.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the resampling.")] = 0,
    profile: ProfileOption = None,
    library: LibraryOption = None,
    offline: OfflineOption = False,
    as_json: JsonOption = False,
) -> None:
    """Put the queries of a dataset to the library and measure what it finds."""
    from cinedex.cli.counting import Counting
    from cinedex.cli.evaluation_text import show_report
    from cinedex.datasets.formats import read_dataset
    from cinedex.evaluation.page import write_page
    from cinedex.evaluation.predictions_file import read_predictions
    from cinedex.evaluation.report import EvaluationOptions, report_on
    from cinedex.serialise import to_plain

    if made is not None and (asks or predictions is not None):
        raise ConfigError("--from measures what was predicted; leave --ask and --predictions out")
    queries = read_dataset(dataset, format_name)
    opening = partial(open_with, context, library=library, offline=offline, profile=profile)
    with ExitStack() as stack:
        opened: CinedexLibrary | None = None
        if made is None:
            opened = stack.enter_context(opening())
            _say_missing(opened, queries)
            with Counting("evaluating", of="queries") as on_queries:
                report = opened.evaluate(
                    queries,
                    format_name,
                    k,
                    asks=asks,
                    corpus=is_corpus,
                    only_indexed=only_indexed,
                    predictions=predictions,
                    against=against,
                    seed=seed,
                    on_queries=on_queries,
                )
        else:
            found = read_predictions(made, queries)
            others = None if against is None else read_predictions(against, queries)
            options = EvaluationOptions(is_corpus, only_indexed, seed)
            report = report_on(format_name, queries, found, options, others)
        if html is not None:
            opened = opened or _library_of_pictures(opening, stack)
            write_page(html, _page(opened, report, dataset, against))
    if as_json:
        print_json({"dataset": dataset, "against": against, **to_plain(report)})
    else:
        show_report(report)


def _library_of_pictures(
    opening: "Callable[[], CinedexLibrary]", stack: ExitStack
) -> "CinedexLibrary | None":
    """Open the library for its pictures alone: where there is none, the page goes without."""
    try:
        return stack.enter_context(opening())
    except LibraryNotFoundError as error:
        say(f"the page has no pictures: {error}")
        return None


def _page(
    library: "CinedexLibrary | None", report: "Report", dataset: Path, against: Path | None
) -> str:
    from cinedex.evaluation.page import page_of
    from cinedex.evaluation.thumbnails import no_thumbnails

    rival = None if against is None else against.name
    if library is None:
        return page_of(report, dataset.name, rival, no_thumbnails)
    return library.report_page(report, dataset.name, rival)


def _say_missing(library: "CinedexLibrary", queries: "Sequence[DatasetQuery]") -> None:
    from cinedex.evaluation.indexed_videos import IndexedVideos

    videos = IndexedVideos(library.videos())
    missing = [query.video for query in queries if query.video and not videos.find(query.video)]
    if missing:
        names = list(dict.fromkeys(missing))
        more = ", ..." if len(names) > MAX_NAMED else ""
        say(
            f"{len(missing)} of {len(queries)} queries: not in the library: "
            f"{', '.join(names[:MAX_NAMED])}{more}"
        )
