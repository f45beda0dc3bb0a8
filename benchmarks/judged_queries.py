"""Libraries whose queries have known answers, in halves: for fitting and for looking afterwards."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.needle.footage import NO_FOOTAGE, load_footage
from benchmarks.needle.libraries import film_library, index
from benchmarks.needle.plan import plan_library
from benchmarks.needle.wording import load_words
from benchmarks.retrieval import leading_clip
from cinedex.api import CinedexLibrary, open_library
from retriever.metrics.right_clip import is_right_clip
from retriever.moment import Moment
from retriever.search import Retriever
from store.library import Library
from store.records import Clip
from store.timespan import TimeSpan

SEEDS = (0, 1, 2)
_SAMPLE = Path(__file__).parents[1] / "examples" / "sample"
SAMPLE_QUERIES = _SAMPLE / "queries.json"
SAMPLE_QUESTIONS = _SAMPLE / "questions.json"
TUNING_HALVES = ("tuning", "tune")


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """One query and every place that answers it.

    Attributes:
        key: Of its source, the same in every seed.
        spans: Name of a file, or ``None`` for the only one, and a span; none for an absent query.
    """

    key: str
    text: str
    kind: str
    half: str
    spans: tuple[tuple[str | None, TimeSpan], ...]

    @property
    def is_absent(self) -> bool:
        """Whether nothing in the library answers it."""
        return not self.spans

    @property
    def is_tuning(self) -> bool:
        """Whether it may be looked at while tuning."""
        return self.half in TUNING_HALVES


@dataclass(frozen=True, slots=True)
class JudgedLibrary:
    """An open library and its queries.

    Attributes:
        name: For reports.
        file_names: By video id.
    """

    name: str
    store: Library
    retriever: Retriever
    queries: tuple[JudgedQuery, ...]
    file_names: dict[str, str]

    def is_right(self, query: JudgedQuery, moment: Moment) -> bool:
        """Say whether the clip that most of a moment lies in is the place to look."""
        return self._holds(query, moment.video.video_id, leading_clip(moment))

    def is_right_clip(self, query: JudgedQuery, clip: Clip) -> bool:
        """Say whether a clip is the place to look."""
        return self._holds(query, clip.video_id, clip.span)

    def _holds(self, query: JudgedQuery, video_id: str, span: TimeSpan) -> bool:
        name = self.file_names[video_id]
        return any(
            file in (None, name) and is_right_clip(span, truth) for file, truth in query.spans
        )


def judged_libraries(
    sample: Path | None, footage: Path | None, cache: Path
) -> Iterator[JudgedLibrary]:
    """Open the sample film's library and those of the composed films, one after the other.

    Args:
        sample: Library of the sample film; ``None`` leaves it out.
        footage: Folder of the real footage; ``None``: all shots of the composed films are rendered.
        cache: Folder of the composed films, rendered and indexed where they are not there yet.
    """
    if sample is not None:
        yield _judged("sample", open_library(sample), read_sample(SAMPLE_QUERIES))
    material = load_footage(footage) if footage else NO_FOOTAGE
    for seed in SEEDS:
        plan = plan_library(seed, material, load_words())
        filmed = film_library(plan, footage or Path(), cache / f"seed-{seed}")
        index(filmed)
        queries = tuple(
            JudgedQuery(
                query.key,
                query.text,
                query.kind,
                query.half,
                tuple((film.name, span) for film, span in filmed.spans(query)),
            )
            for query in (*filmed.plan.queries, *filmed.plan.absent)
        )
        yield _judged(f"seed {seed}", open_library(filmed.library), queries)


def read_sample(path: Path) -> tuple[JudgedQuery, ...]:
    """Read the queries or the questions of the sample film."""
    return tuple(
        JudgedQuery(
            row["id"],
            row["text"],
            row["kind"],
            row["split"],
            tuple((None, TimeSpan(*span)) for span in row["spans"]),
        )
        for row in json.loads(path.read_text("utf-8"))
    )


def _judged(name: str, library: CinedexLibrary, queries: tuple[JudgedQuery, ...]) -> JudgedLibrary:
    names = {video.video_id: Path(video.path).name for video in library.videos()}
    return JudgedLibrary(name, library.store, library.composition.retriever(), queries, names)
