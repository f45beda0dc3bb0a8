"""The Python door: ``open_library`` and the library it opens.

Command line and server are thin over it.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from cinedex.config import Settings, library_root, load_settings
from cinedex.kept_library import KeptLibrary
from store.errors import QueryError, UnknownNameError
from store.interfaces import OnRows
from store.library import Library
from store.records import Scope

if TYPE_CHECKING:
    from cinedex.compose import Composition
    from cinedex.datasets.query import DatasetQuery
    from cinedex.evaluation.predicting import OnQueries
    from cinedex.evaluation.report import Report
    from cinedex.judging.refitting import Refit
    from indexer.pipeline import VideoPlan
    from indexer.report import IndexReport, OnEvent
    from reasoner.answer import Answer, Role
    from retriever.moment import Moment

CALIBRATION_DEPTH = 10


class CinedexLibrary(KeptLibrary):
    """One library with the models that index, search and question it.

    Models load at first use, so opening is quick. Use it as a context manager, or call ``close``.
    """

    def __init__(self, store: Library, settings: Settings) -> None:
        super().__init__(store)
        self.settings = settings
        self._composition: Composition | None = None

    @property
    def composition(self) -> "Composition":
        """The models and rooms wired for this library."""
        if self._composition is None:
            from cinedex.compose import Composition

            self._composition = Composition(self.store, self.settings)
        return self._composition

    def index(
        self,
        paths: Sequence[str | Path],
        *,
        recursive: bool = False,
        force: Collection[str] = (),
        jobs: int = 1,
        ray: str | None = None,
        on_event: "OnEvent | None" = None,
    ) -> "IndexReport":
        """Index files and folders; what is up to date is left alone.

        Args:
            paths: Files are taken as they are, folders are looked through for videos.
            recursive: Look through folders of folders too.
            force: Stages to run again though they have finished, and with them all that use their
                results; ``all`` for every stage.
            jobs: Processes of this machine that index at once; a script that asks for several does
                so under ``if __name__ == "__main__":``.
            ray: Address of a Ray cluster that indexes instead, over a catalogue in PostgreSQL;
                paths must then be the same on every node, or URLs.
            on_event: Called with every step of progress.

        Raises:
            ValueError: ``jobs`` is less than 1.
            LibraryError: The library cannot be written.
            WeightsError: A model is missing.
            ConfigError: The library is none that a cluster can share, or Ray is not installed.
            ClusterError: The cluster cannot be reached, or no worker runs on it.
        """
        from cinedex.workers import in_processes, on_cluster

        if jobs < 1:
            raise ValueError(f"jobs cannot be {jobs}; ask for 1 or more")
        if ray is not None:
            with on_cluster(self.composition, self.store, self.settings, ray) as cluster:
                return cluster.index(paths, recursive=recursive, force=force, on_event=on_event)
        indexer = (
            self.composition.indexer()
            if jobs == 1
            else in_processes(self.store.root, self.settings, jobs)
        )
        return indexer.index(
            [Path(path).expanduser() for path in paths],
            recursive=recursive,
            force=force,
            on_event=on_event,
        )

    def plan_index(
        self,
        paths: Sequence[str | Path],
        *,
        recursive: bool = False,
        force: Collection[str] = (),
    ) -> "Iterator[VideoPlan]":
        """Say what ``index`` would run, and why; nothing is changed."""
        return self.composition.indexer().plan(
            [Path(path).expanduser() for path in paths], recursive=recursive, force=force
        )

    def search(
        self,
        query: str,
        k: int = 5,
        scope: Scope | None = None,
        *,
        per_video: int | None = None,
    ) -> "list[Moment]":
        """Find the ``k`` moments that fit a query best, best first, few of one video if so wanted.

        The query's filters narrow the scope; where both contradict, ``plan_search`` says how.
        """
        plan = self.plan_search(query, scope)
        if plan.emptied_by:
            return []
        retriever = self.composition.retriever()
        return retriever.search(plan.text, k=k, scope=plan.scope, per_video=per_video)

    def least_probability(self, false_answer_rate: float | None = None) -> float:
        """Say from which ``Moment.probability`` on a moment is believed.

        Args:
            false_answer_rate: Share of the searches for what is not there that may seem to have
                found it; ``None`` takes that of the settings.

        Raises:
            QueryError: No rate as low as that was measured.
        """
        rate = self.settings.false_answers if false_answer_rate is None else false_answer_rate
        return self.composition.retriever().least_probability(rate)

    def calibrate(
        self, *, force: bool = False, on_queries: "OnQueries | None" = None
    ) -> "tuple[Refit, bool]":
        """Fit the probability of a moment to the marks of this library.

        Args:
            force: Keep the fit though it tells no better on queries that it has not seen.
            on_queries: Told how many queries of how many were searched.

        Returns:
            The fit, and whether searches of this library use it from now on. Queries that cannot
            be searched any more, for a video that they name is gone, are left out.

        Raises:
            QueryError: Too little was marked.
        """
        from cinedex.judging.refitting import judged_moments, refit
        from retriever.calibration import load_calibration, write_calibration
        from store.files import write_atomically
        from store.layout import Layout

        queries = self.judged_queries()
        judged = []
        for number, query in enumerate(queries, start=1):
            with suppress(QueryError, UnknownNameError):
                moments = self.search(query.query, CALIBRATION_DEPTH, query.scope)
                judged += judged_moments(number, query, moments)
            if on_queries is not None:
                on_queries(number, len(queries))
        made = refit(judged, load_calibration())
        is_kept = force or made.is_better
        if is_kept:
            path = Layout(self.store.root).calibration
            write_atomically(path, write_calibration(made.calibration).encode())
            self._composition = None
        return made, is_kept

    def forget_calibration(self) -> bool:
        """Go back to the calibration that is shipped; says whether there was another."""
        from store.layout import Layout

        path = Layout(self.store.root).calibration
        was_there = path.exists()
        path.unlink(missing_ok=True)
        self._composition = None
        return was_there

    def ask(
        self,
        question: str,
        scope: Scope | None = None,
        roles: "Sequence[Role] | None" = None,
        choices: Sequence[str] = (),
    ) -> "Answer":
        """Answer a question from the library, or abstain.

        Args:
            question: In words.
            scope: Which part of the library may be looked at; ``None`` for all of it.
            roles: Which roles may run; ``None`` for those that the plan names.
            choices: Answers to choose among, at least two; none for an answer in words.

        Raises:
            QueryError: The question or the choices cannot be asked.
        """
        from reasoner.choice import lettered

        lettered(choices)  # what cannot be asked is said before any model loads
        chain = self.composition.chain()
        return chain.ask(question, scope=scope or Scope(), roles=roles, choices=choices)

    def evaluate(
        self,
        dataset: "str | Path | Sequence[DatasetQuery]",
        format: str = "own",
        k: int = 10,
        *,
        asks: bool = False,
        corpus: bool = False,
        only_indexed: bool = False,
        predictions: str | Path | None = None,
        against: str | Path | None = None,
        seed: int = 0,
        on_queries: "OnQueries | None" = None,
    ) -> "Report":
        """Put the queries of a dataset to the library and measure what it finds.

        Args:
            dataset: A file (``docs/EVALUATION.md``), or queries that were read from one.
            format: Of the file; it decides on the measures, too.
            k: Moments predicted for a query.
            asks: Answer the questions, and measure the answers too.
            corpus: Search the whole library, not the video that a query names.
            only_indexed: Leave out what the library does not hold; else it is missed.
            predictions: File to write them to, a line at once for each query.
            against: Predictions of another run, to compare with.
            seed: Of the resampling.
            on_queries: Told how many queries of how many are done.

        Raises:
            UnknownNameError: There is no such format.
            DatasetError: A file is not as it should be, or there is nothing to measure.
        """
        from cinedex.datasets.formats import read_dataset
        from cinedex.evaluation.predicting import predict_all
        from cinedex.evaluation.predictions_file import read_predictions
        from cinedex.evaluation.report import EvaluationOptions, report_on
        from cinedex.evaluation.wiring import asking_runner, search_runner

        if isinstance(dataset, (str, Path)):
            queries: Sequence[DatasetQuery] = read_dataset(Path(dataset), format)
        else:
            queries = dataset
        others = None if against is None else read_predictions(Path(against), queries)
        runner = (asking_runner if asks else search_runner)(self, k, is_corpus=corpus)
        path = None if predictions is None else Path(predictions)
        found = predict_all(runner, queries, path, on_queries)
        return report_on(
            format, queries, found, EvaluationOptions(corpus, only_indexed, seed), others
        )

    def report_page(self, report: "Report", title: str, against: str | None = None) -> str:
        """Write a report as one HTML page, with the library's pictures of what was not found.

        Args:
            report: What ``evaluate`` returned.
            title: Of the page, such as the name of the dataset.
            against: What it was compared with, by name.
        """
        from cinedex.evaluation.indexed_videos import IndexedVideos
        from cinedex.evaluation.page import page_of
        from cinedex.evaluation.thumbnails import Thumbnails

        pictures = Thumbnails(self.store, IndexedVideos(self.videos()))
        return page_of(report, title, against, pictures)


def open_library(
    path: str | Path | None = None,
    *,
    settings: Settings | None = None,
    create: bool = False,
    on_rows: OnRows | None = None,
) -> CinedexLibrary:
    """Open a library.

    Args:
        path: Its directory; ``None`` takes the one that the settings name.
        settings: ``None`` reads them from files and the environment.
        create: Make the library where there is none.
        on_rows: Told how many of how many vectors were read, where a search must read them from
            the catalogue because their file is missing or damaged.

    Raises:
        LibraryNotFoundError: There is no library and ``create`` is false.
    """
    settings = settings or load_settings()
    opener = Library.create if create else Library.open
    return CinedexLibrary(opener(library_root(path, settings), on_rows=on_rows), settings)
