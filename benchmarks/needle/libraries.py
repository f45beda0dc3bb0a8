"""Libraries of composed films on disk: rendered and indexed once, their truth beside them."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.commands import cinedex
from benchmarks.needle.filming import render
from benchmarks.needle.layout import FilmTruth, spoken_times, truth_of
from benchmarks.needle.plan import LibraryPlan, Query
from store.timespan import TimeSpan


@dataclass(frozen=True, slots=True)
class FilmedLibrary:
    """A plan that was filmed.

    Attributes:
        films: Path of the film of each half.
        truths: What is true of each, in the same order.
        library: Folder of the indexed library.
    """

    plan: LibraryPlan
    films: tuple[Path, ...]
    truths: tuple[FilmTruth, ...]
    library: Path

    def spans(self, query: Query) -> list[tuple[Path, TimeSpan]]:
        """List every span of every film that satisfies a query."""
        return [
            (film, span)
            for film, truth in zip(self.films, self.truths, strict=True)
            for span in truth.spans(query.key)
        ]


def film_library(plan: LibraryPlan, footage: Path, folder: Path) -> FilmedLibrary:
    """Render the films that are not there yet as planned, and write the truth beside them.

    A library of other films is removed.

    Args:
        plan: Of the library.
        footage: Folder of the real footage.
        folder: Where this library's films go.

    Raises:
        MissingToolError: espeak-ng or scikit-image is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    films, truths = [], []
    library = folder / "library"
    for film in plan.films:
        truth = truth_of(film, spoken_times)
        path = folder / f"needle-{plan.seed}-{film.half}.mp4"
        text = json.dumps(asdict(truth), indent=1, ensure_ascii=False) + "\n"
        written = path.with_suffix(".json")
        if not (path.exists() and written.exists() and written.read_text("utf-8") == text):
            shutil.rmtree(library, ignore_errors=True)
            written.unlink(missing_ok=True)
            render(film, footage, path)
            written.write_text(text, "utf-8")
        films.append(path)
        truths.append(truth)
    filmed = FilmedLibrary(plan, tuple(films), tuple(truths), library)
    (folder / "queries.json").write_text(
        json.dumps(asked_of(filmed), indent=1, ensure_ascii=False) + "\n", "utf-8"
    )
    return filmed


def asked_of(filmed: FilmedLibrary) -> dict[str, list[dict[str, Any]]]:
    """List queries and questions with every span that satisfies them, ready for JSON."""
    plan = filmed.plan
    queries = [{**asdict(query), "spans": _rows(filmed, query)} for query in plan.queries]
    absent = [{**asdict(query), "spans": []} for query in plan.absent]
    return {
        "queries": queries,
        "absent": absent,
        "questions": [asdict(question) for question in plan.questions],
    }


def index(filmed: FilmedLibrary) -> float:
    """Index the films with the command line; one that is up to date takes no time.

    Returns:
        Seconds of the process.

    Raises:
        RuntimeError: The command failed.
    """
    command = ["--library", str(filmed.library), "index", *map(str, filmed.films)]
    finished = cinedex(command, scratch=filmed.films[0].parent)
    if finished.exit_code:
        raise RuntimeError(f"cinedex index failed:\n{finished.stderr}")
    return finished.seconds


def _rows(filmed: FilmedLibrary, query: Query) -> Sequence[tuple[str, float, float]]:
    return [(film.name, span.start_seconds, span.end_seconds) for film, span in filmed.spans(query)]
