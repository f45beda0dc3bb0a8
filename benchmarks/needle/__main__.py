"""Search films whose every answer is known: the benchmark that needs no download.

    python -m benchmarks.needle [--footage FOLDER] [--seeds 0 1 2] [--cache FOLDER] [--hours H]

For each seed there is a library of two films, one of the tuning half and one of the reporting
half: source files, pictures and templates of sentences and cards belong to one half by the hash of
their name (``footage.half_of``), so what is tuned on one half is reported on the other. A film is
made of real shots and of shots rendered as the sample film's are, in an order that is drawn; no
shot comes twice. Queries ask for what is seen (the footage's own catalogue, and our pictures), said
(a narrated sentence in other words) and written (words of a card), and for what is in neither film:
queries of files that the seed leaves out, sentences that nobody says, names on cards that do not
exist. Questions with answers are written beside them in ``queries.json``. ``--hours`` fills films
up with shots that no query is about. Films and libraries stay in the cache; a second run renders
and indexes nothing that is there. Without ``--footage`` all shots are rendered.

What it can show: whether one way of searching finds more than another on the same films; what
speech recognition, reading of writing and seeing contribute; how cutting clips and placing spans
tell in IoU, for spoken and written queries above all, whose spans are exact to some milliseconds.

What it cannot show: how well a library of hundreds of films is searched. There are 28 minutes of
real footage: seeds differ in the files left out, in order, words and names, but show the same real
shots, so that intervals resample queries and not seeds. Narration is a synthetic voice without
noise over it, clearer than film sound; cards are clean type. The words are drawn from templates of
ours, and so are the synonyms; people ask otherwise. Spans of visual queries are whole shots: some
last a minute and more, longer than any moment that is returned, and count as missed by IoU whatever
is found. Marks within the three long films are good to some 3 seconds. Some files lend themselves
to queries of the other half (``also`` in ``footage.toml``).
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.needle.figures import figures_of
from benchmarks.needle.footage import NO_FOOTAGE, FootageShot, load_footage
from benchmarks.needle.judging import Judged, judge_library
from benchmarks.needle.libraries import FilmedLibrary, film_library, index
from benchmarks.needle.places import add_places
from benchmarks.needle.plan import LEAST_SECONDS, plan_library
from benchmarks.needle.table import render_tables
from benchmarks.needle.wording import load_words
from benchmarks.run import RESULTS, keep, machine

SECONDS_PER_HOUR = 3600.0
SECONDS_PER_MINUTE = 60.0
MOST_MOMENT_SECONDS = 60.0  # twice the longest moment: IoU cannot reach 0.5


@dataclass(frozen=True, slots=True)
class Measured:
    """What one seed's library gave.

    Attributes:
        films: What each film is made of.
        out_of_reach: Queries that no moment can meet at IoU 0.5.
        judged: Choice of sources to every query.
    """

    films: list[dict[str, Any]]
    out_of_reach: int
    judged: dict[str, list[Judged]]


def main() -> None:
    """Render, index, ask, and write ``benchmarks/results/needle.json`` and ``needle.md``."""
    arguments = _arguments()
    least_seconds = max(LEAST_SECONDS, arguments.hours * SECONDS_PER_HOUR)
    measured = [
        measure(seed, arguments.footage, arguments.cache / f"seed-{seed}", least_seconds)
        for seed in arguments.seeds
    ]
    print(write(arguments.seeds, measured))


def measure(
    seed: int, footage: Path | None, folder: Path, least_seconds: float = LEAST_SECONDS
) -> Measured:
    """Render and index a library where it is not there yet, and ask all its queries."""
    material = load_footage(footage) if footage else NO_FOOTAGE
    plan = plan_library(seed, material, load_words(), least_seconds)
    filmed = film_library(plan, footage or Path(), folder)
    print(f"seed {seed}: indexed in {index(filmed):.0f} s", flush=True)
    return Measured(_films_of(filmed), _out_of_reach(filmed), judge_library(filmed))


def write(seeds: list[int], measured: Sequence[Measured]) -> str:
    """Write the results of all seeds, and return them as tables."""
    judged = {
        name: [one for made in measured for one in made.judged[name]] for name in measured[0].judged
    }
    report = {
        "machine": machine(),
        "seeds": seeds,
        "films": [film for made in measured for film in made.films],
        "queries_whose_spans_all_exceed_60_seconds": sum(made.out_of_reach for made in measured),
        "halves": figures_of(judged),
    }
    keep("needle", report)
    tables = render_tables(report)
    (RESULTS / "needle.md").write_text(tables, "utf-8")
    return tables


def _films_of(filmed: FilmedLibrary) -> list[dict[str, Any]]:
    rows = []
    for film, path, truth in zip(filmed.plan.films, filmed.films, filmed.truths, strict=True):
        real = sum(shot.estimated_seconds for shot in film.shots if isinstance(shot, FootageShot))
        rows.append(
            {
                "name": path.stem,
                "minutes": truth.duration_seconds / SECONDS_PER_MINUTE,
                "shots": len(film.shots),
                "footage_share": real / truth.duration_seconds,
            }
        )
    return rows


def _out_of_reach(filmed: FilmedLibrary) -> int:
    """Count the queries that no moment can meet at IoU 0.5."""
    return sum(
        all(span.duration_seconds > MOST_MOMENT_SECONDS for _, span in filmed.spans(query))
        for query in filmed.plan.queries
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Search films whose every answer is known.")
    add_places(parser)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument(
        "--hours", type=float, default=0.0, help="length of each film, filled up with distractors"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
