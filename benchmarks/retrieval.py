"""Measure retrieval: on a film with known spans, or on a folder of files with known queries.

    python -m benchmarks.retrieval LIBRARY --queries examples/sample/queries.json [--split held_out]
    python -m benchmarks.retrieval LIBRARY --catalogue ../shared/videos/catalogue.jsonl

``--split tune`` is the default. The held-out queries are read once, for the published figure.
"""

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cinedex.api import open_library
from reasoner.metrics.miou import first_iou
from reasoner.metrics.recall_at_iou import recall_at_iou
from retriever.metrics.interval import bootstrap_interval
from retriever.metrics.right_clip import right_clip_at_k
from retriever.moment import Moment
from retriever.search import Retriever
from store.records import Scope, Video
from store.timespan import TimeSpan

DEEPEST = 5
IOU_THRESHOLD = 0.5
# Enough moments that five different videos are among them.
CATALOGUE_DEPTH = 100
SOURCES: dict[str, tuple[str, ...] | None] = {
    "all sources": None,
    "lexical only": ("lexical",),
    "dense text only": ("text",),
    "pictures only": ("picture",),
}
RESULTS = Path(__file__).parent / "results" / "retrieval.json"


@dataclass(frozen=True, slots=True)
class Query:
    """One query and every span that satisfies it."""

    text: str
    kind: str
    spans: tuple[TimeSpan, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one query scored; each value is in ``[0, 1]``."""

    kind: str
    values: dict[str, float]


def read_queries(path: Path, split: str) -> list[Query]:
    """Read the queries of one split."""
    return [
        Query(row["text"], row["kind"], tuple(TimeSpan(*span) for span in row["spans"]))
        for row in json.loads(path.read_text("utf-8"))
        if row["split"] == split
    ]


def judge(query: Query, moments: Sequence[Moment]) -> Outcome:
    """Score the moments returned for one query."""
    clips = [leading_clip(moment) for moment in moments]
    spans = [moment.span for moment in moments]
    return Outcome(
        query.kind,
        {
            "R@1": right_clip_at_k(clips, query.spans, 1),
            "R@5": right_clip_at_k(clips, query.spans, DEEPEST),
            "R@1 IoU=0.5": recall_at_iou(spans, query.spans, 1, IOU_THRESHOLD),
            "mIoU": first_iou(spans, query.spans),
        },
    )


def measure_queries(
    retriever: Retriever,
    queries: Sequence[Query],
    scope: Scope,
    choices: Mapping[str, tuple[str, ...] | None] = SOURCES,
) -> dict[str, Any]:
    """Score every choice of sources, over all queries and by kind of query."""
    report = {}
    for name, sources in choices.items():
        outcomes = [
            judge(query, retriever.search(query.text, DEEPEST, scope, sources)) for query in queries
        ]
        groups = {"all": outcomes}
        for kind in sorted({query.kind for query in queries}):
            groups[kind] = [outcome for outcome in outcomes if outcome.kind == kind]
        report[name] = {group: summarise(scored) for group, scored in groups.items()}
    return report


def measure_catalogue(
    retriever: Retriever,
    rows: Iterable[dict[str, Any]],
    choices: Mapping[str, tuple[str, ...] | None] = SOURCES,
) -> dict[str, Any]:
    """Score how often a query finds the right file among the first 1 and 5 different ones."""
    asked = [(row["file"], query) for row in rows for query in row["queries"]]
    report = {}
    for name, sources in choices.items():
        outcomes = []
        for file, query in asked:
            found = _distinct_videos(retriever.search(query, CATALOGUE_DEPTH, sources=sources))
            right = [any(Path(path).name == file for path in video.paths) for video in found]
            outcomes.append(
                Outcome("", {"top 1": float(any(right[:1])), "top 5": float(any(right[:DEEPEST]))})
            )
        report[name] = {"all": summarise(outcomes)}
    return report


def summarise(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Give the mean and 95% interval of every measure."""
    summary: dict[str, Any] = {"queries": len(outcomes)}
    for measure in outcomes[0].values:
        values = [outcome.values[measure] for outcome in outcomes]
        low, high = bootstrap_interval(values)
        mean = sum(values) / len(values)
        summary[measure] = {"mean": round(mean, 3), "low": round(low, 3), "high": round(high, 3)}
    return summary


def render(report: dict[str, Any]) -> str:
    """Lay a report out as lines of text."""
    lines = []
    for name, groups in report.items():
        for group, summary in groups.items():
            figures = "  ".join(
                f"{measure} {bounds['mean']:.3f} [{bounds['low']:.2f}, {bounds['high']:.2f}]"
                for measure, bounds in summary.items()
                if measure != "queries"
            )
            lines.append(f"{name:16} {group:8} n={summary['queries']:<3} {figures}")
    return "\n".join(lines)


def keep(section: str, report: dict[str, Any]) -> None:
    """Write one section of the results file; the others stay."""
    kept = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps({**kept, section: report}, indent=2) + "\n", "utf-8")


def leading_clip(moment: Moment) -> TimeSpan:
    """Return the clip that most of a moment lies in."""
    return max((clip.span for clip in moment.clips), key=moment.span.shared_seconds)


def _distinct_videos(moments: Iterable[Moment]) -> list[Video]:
    return list({moment.video.video_id: moment.video for moment in moments}.values())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure retrieval on an indexed library.")
    parser.add_argument("library", type=Path)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--queries", type=Path, help="queries with true spans in one film")
    what.add_argument("--catalogue", type=Path, help="files with the queries that should find them")
    parser.add_argument("--split", choices=("tune", "held_out"), default="tune")
    parser.add_argument(
        "--video", help="the film that --queries are about, where there are several"
    )
    return parser.parse_args()


def main() -> None:
    """Measure, print and keep."""
    arguments = _arguments()
    with open_library(arguments.library) as library:
        retriever = library.composition.retriever()
        if arguments.catalogue:
            lines = arguments.catalogue.read_text("utf-8").splitlines()
            section, report = "catalogue", measure_catalogue(retriever, map(json.loads, lines))
        else:
            video = library.store.video(arguments.video) if arguments.video else None
            scope = Scope(video_ids=(video.video_id,)) if video else Scope()
            queries = read_queries(arguments.queries, arguments.split)
            section, report = arguments.split, measure_queries(retriever, queries, scope)
    print(render(report))
    keep(section, report)


if __name__ == "__main__":
    main()
