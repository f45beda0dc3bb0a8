"""``cinedex evaluate``: how good a library is at queries whose answers are known."""

from collections.abc import Callable, Mapping, Sequence
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
    from cinedex.evaluation.page import Pictures
    from cinedex.evaluation.prediction import Prediction
    from cinedex.evaluation.running import Runner

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
    from cinedex.cli.evaluation_text import show_report
    from cinedex.datasets.formats import read_dataset
    from cinedex.evaluation.page import page_of, write_page
    from cinedex.evaluation.predictions_file import read_predictions
    from cinedex.evaluation.report import EvaluationOptions, report_on
    from cinedex.serialise import to_plain

    if made is not None and (asks or predictions is not None):
        raise ConfigError("--from measures what was predicted; leave --ask and --predictions out")
    queries = read_dataset(dataset, format_name)
    others = None if against is None else read_predictions(against, queries)
    options = EvaluationOptions(is_corpus, only_indexed, seed)
    opening = partial(open_with, context, library=library, offline=offline, profile=profile)
    with ExitStack() as stack:
        opened: CinedexLibrary | None = None
        found: Mapping[str, Prediction]
        if made is None:
            opened = stack.enter_context(opening())
            found = _run(_runner(opened, k, asks, is_corpus), queries, predictions)
        else:
            found = read_predictions(made, queries)
        report = report_on(format_name, queries, found, options, others)
        if html is not None:
            opened = opened or _library_of_pictures(opening, stack)
            rival = None if against is None else against.name
            write_page(html, page_of(report, dataset.name, rival, _pictures(opened)))
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


def _pictures(library: "CinedexLibrary | None") -> "Pictures":
    from cinedex.evaluation.indexed_videos import IndexedVideos
    from cinedex.evaluation.thumbnails import Thumbnails, no_thumbnails

    if library is None:
        return no_thumbnails
    return Thumbnails(library.store, IndexedVideos(library.videos()))


def _runner(library: "CinedexLibrary", k: int, asks: bool, is_corpus: bool) -> "Runner":
    from cinedex.evaluation.wiring import asking_runner, search_runner

    return (asking_runner if asks else search_runner)(library, k, is_corpus=is_corpus)


def _run(
    runner: "Runner", queries: "Sequence[DatasetQuery]", path: Path | None
) -> "Mapping[str, Prediction]":
    """Predict for what is indexed; what is not is said, and gets no prediction."""
    from cinedex.cli.counting import Counting
    from cinedex.evaluation.predictions_file import writing_predictions

    indexed = [query for query in queries if runner.is_indexed(query)]
    _say_missing(queries, indexed)
    found = {}
    with ExitStack() as stack:
        writer = None if path is None else stack.enter_context(writing_predictions(path))
        progress = stack.enter_context(Counting("evaluating", of="queries"))
        for number, query in enumerate(indexed, start=1):
            found[query.query_id] = runner.predict(query)
            if writer is not None:
                writer.write(query, found[query.query_id])
            progress(number, len(indexed))
    return found


def _say_missing(queries: "Sequence[DatasetQuery]", indexed: "Sequence[DatasetQuery]") -> None:
    there = {query.query_id for query in indexed}
    missing = [query for query in queries if query.query_id not in there]
    if missing:
        names = list(dict.fromkeys(str(query.video) for query in missing))
        more = ", ..." if len(names) > MAX_NAMED else ""
        say(
            f"{len(missing)} of {len(queries)} queries: not in the library: "
            f"{', '.join(names[:MAX_NAMED])}{more}"
        )
