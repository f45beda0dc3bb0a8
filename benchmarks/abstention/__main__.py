"""Measure abstention: ROC, reliability, and what each threshold keeps and lets through.

    python -m benchmarks.abstention --sample LIBRARY [--footage FOLDER]

Asks the queries of ``benchmarks.needle`` and of the sample film, and the sample film's questions,
of which 12 have no answer, as queries. ``retriever/calibration.toml`` was fitted on the tuning
halves of the films' and the sample's *queries*; the other halves and all questions saw nothing of
it. Writes ``benchmarks/results/abstention.json``, ``.md`` and ``.png``.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.abstention.curves import (
    Asked,
    area_under_curve,
    brier_score,
    kept_at,
    reliability,
    threshold_keeping,
)
from benchmarks.abstention.plot import draw
from benchmarks.judged_queries import SAMPLE_QUESTIONS, judged_libraries, read_sample
from benchmarks.needle.places import add_places
from benchmarks.run import RESULTS, keep, machine
from retriever.calibration import load_calibration

SETS = {
    "tuning (fitted on)": ("tuning", "tune"),
    "films, reporting half": ("reporting",),
    "sample film, held-out queries": ("held_out",),
    "sample film, questions": ("questions",),
}
KEPT_OF_ANSWERABLE = 0.9
DIGITS = 3
HEADER = """# Abstention

`python -m benchmarks.abstention` writes this; its docstring says what is asked. A moment answers
when the clip that most of it lies in is the place to look. *Right* are queries whose first moment
answers, *absent* those that nothing answers, *missed* those whose answer is there and was not found
first: to doubt these is right, and no threshold can keep 90% of all that is answerable where fewer
are found. AUC: that a right one is more probable than an absent one, than an absent or missed one.
"""


@dataclass(frozen=True, slots=True)
class _Set:
    name: str
    asked: tuple[Asked, ...]


def main() -> None:
    """Ask, measure, draw and write."""
    arguments = _arguments()
    asked = ask_all(arguments.sample, arguments.footage, arguments.cache)
    sets = [
        _Set(name, tuple(one for half, one in asked if half in halves))
        for name, halves in SETS.items()
    ]
    sets = [one for one in sets if one.asked]
    thresholds = load_calibration().confidence.thresholds
    report = {one.name: figures_of(one.asked, thresholds) for one in sets}
    keep("abstention", {"machine": machine(), "sets": report})
    (RESULTS / "abstention.md").write_text(render(report), "utf-8")
    draw({one.name: one.asked for one in sets}, thresholds, RESULTS / "abstention.png")
    print(render(report))


def ask_all(sample: Path | None, footage: Path | None, cache: Path) -> list[tuple[str, Asked]]:
    """Ask every query of every library once; half of each query and what was found first."""
    asked = []
    for library in judged_libraries(sample, footage, cache):
        queries = library.queries
        if library.name == "sample":
            questions = read_sample(SAMPLE_QUESTIONS)
            queries += tuple(replace(question, half="questions") for question in questions)
        for query in queries:
            moments = library.retriever.search(query.text, 1)
            probability = (moments[0].probability or 0.0) if moments else 0.0
            is_right = bool(moments) and library.is_right(query, moments[0])
            asked.append((query.half, Asked(probability, is_right, query.is_absent)))
    return asked


def figures_of(asked: Sequence[Asked], thresholds: Mapping[float, float]) -> dict[str, Any]:
    """Measure one set of queries."""
    right = [one.probability for one in asked if one.is_right]
    missed = [one.probability for one in asked if not one.is_right and not one.is_absent]
    absent = [one.probability for one in asked if one.is_absent]
    figures: dict[str, Any] = {
        "right": len(right),
        "missed": len(missed),
        "absent": len(absent),
        "Brier": round(brier_score(asked), DIGITS),
        "reliability": reliability(asked),
        "AUC right over the rest": area_under_curve(right, absent + missed),
    }
    if not absent:
        return figures
    figures["AUC right over absent"] = area_under_curve(right, absent)
    figures["AUC answerable over absent"] = area_under_curve(right + missed, absent)
    loose = threshold_keeping(KEPT_OF_ANSWERABLE, right + missed)
    figures["absent answered where 90% of the answerable are kept"] = kept_at(loose, absent)
    loose = threshold_keeping(KEPT_OF_ANSWERABLE, right)
    figures["absent answered where 90% of the right are kept"] = kept_at(loose, absent)
    figures["thresholds"] = [
        {
            "stated": rate,
            "least probability": least,
            "absent answered": kept_at(least, absent),
            "right kept": kept_at(least, right),
            "missed shown": kept_at(least, missed),
        }
        for rate, least in thresholds.items()
    ]
    return figures


def render(report: dict[str, dict[str, Any]]) -> str:
    """Write the figures as Markdown."""
    parts = [HEADER]
    for name, figures in report.items():
        parts.append(f"\n## {name.capitalize()}\n\n")
        parts += [
            f"- {measure}: {value}\n"
            for measure, value in figures.items()
            if measure not in ("reliability", "thresholds")
        ]
        parts.append("\n| stated probability | queries | mean probability | answered |\n")
        parts.append("| --- | ---: | ---: | ---: |\n")
        parts += [
            f"| {row['from']:.1f} to {row['to']:.1f} | {row['queries']} "
            f"| {row['mean probability']:.2f} | {row['right']:.2f} |\n"
            for row in figures["reliability"]
        ]
        if rows := figures.get("thresholds"):
            parts.append("\n| stated false answers | believed from | absent answered | right kept ")
            parts.append("| missed shown |\n| ---: | ---: | ---: | ---: | ---: |\n")
            parts += [
                f"| {row['stated']:.2f} | {row['least probability']:.2f} "
                f"| {row['absent answered']:.2f} | {row['right kept']:.2f} "
                f"| {row['missed shown']:.2f} |\n"
                for row in rows
            ]
    return "".join(parts)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure abstention.")
    add_places(parser)
    parser.add_argument("--sample", type=Path, help="library of the sample film")
    return parser.parse_args()


if __name__ == "__main__":
    main()
