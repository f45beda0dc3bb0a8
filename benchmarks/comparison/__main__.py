"""Decide by measurement how lines and pictures become ranked moments.

    python -m benchmarks.comparison [--footage FOLDER] [--cache FOLDER] [--seeds 0 1 2]
        [--sample LIBRARY] [--alternative NAME=FOLDER ...]

The queries are those of the composed films (``benchmarks/needle``, whose libraries are made where
the cache does not hold them) and, with ``--sample``, of the sample film. Sources are asked once for
each query, and every way ranks the same hits. Writes ``benchmarks/results/comparison.json`` and
``comparison.md``. Nothing is chosen here.
"""

import argparse
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.comparison.alternatives import alternative_ways
from benchmarks.comparison.choices import (
    ALONE,
    ChoiceQuestion,
    asked_questions,
    choice_rows,
    composed_questions,
    development_questions,
    question_rows,
)
from benchmarks.comparison.cuttings import OURS, cutting_rows
from benchmarks.comparison.depths import depth_rows
from benchmarks.comparison.encodings import Encodings
from benchmarks.comparison.figures import figures_of
from benchmarks.comparison.fusions import fusion_ways, source_ways
from benchmarks.comparison.joint import Joint
from benchmarks.comparison.judging import DEFAULT, Placer, Scored, Way, by_retriever, score
from benchmarks.comparison.material import Material, composed, prepare, sample
from benchmarks.comparison.rescoring import cosine_ways, interaction_ways, milliseconds_of
from benchmarks.comparison.shelf import in_memory
from benchmarks.comparison.table import render_tables
from benchmarks.comparison.tokens import MODEL, MiniLmTokens
from benchmarks.needle.places import add_places
from benchmarks.run import RESULTS, SAMPLE, keep, machine
from cinedex.config import load_settings
from cinedex.weights import find_model, load_models, path_of
from retriever.options import SearchOptions

Rows = dict[str, list[Scored]]


@dataclass(frozen=True, slots=True)
class Arguments:
    """What was typed."""

    seeds: list[int]
    footage: Path | None
    cache: Path
    sample: Path | None
    alternatives: dict[str, Path]


def main() -> None:
    """Compare, keep and print."""
    arguments = _arguments()
    with ExitStack() as open_libraries:
        composed_ = [
            (folder, in_memory(open_libraries.enter_context(composed(folder))))
            for folder in (
                prepare(seed, arguments.footage, arguments.cache) for seed in arguments.seeds
            )
        ]
        materials = [material for _, material in composed_]
        if arguments.sample:
            opened = sample(arguments.sample, SAMPLE / "queries.json")
            materials.append(in_memory(open_libraries.enter_context(opened)))
        _say("asked")
        report = compare(materials, arguments)
        asked = [(material, composed_questions(material, folder)) for folder, material in composed_]
        report["families"]["choices"] = choices(asked, arguments.sample)
    keep("comparison", report)
    tables = render_tables(report)
    (RESULTS / "comparison.md").write_text(tables, "utf-8")
    print(tables)


def compare(materials: Sequence[Material], arguments: Arguments) -> dict[str, Any]:
    """Judge everything but choices."""
    model = find_model(MODEL, load_models())
    folder = path_of(MODEL, settings=load_settings())
    tokens = MiniLmTokens(folder, model.short_digest)
    kept = arguments.cache / "comparison"
    joint = Joint(tokens, Encodings(tokens, kept), Placer())
    others = alternative_ways(arguments.alternatives, folder / "tokenizer.json", kept)
    windows, facts = cutting_rows(materials, joint)
    _say("cuttings")
    return {
        "machine": machine(),
        "seeds": arguments.seeds,
        "default": {name: getattr(SearchOptions(), name) for name in SearchOptions.__slots__},
        "alternatives": sorted(arguments.alternatives),
        "cuttings": facts,
        "late interaction milliseconds": milliseconds_of(tokens, materials[:1]),
        "families": {
            **rankings(
                materials,
                {
                    "sources": source_ways(),
                    "fusion": fusion_ways(),
                    "joint": joint.ways(),
                    "encoders": [*cosine_ways(), *others],
                    "late interaction": [*cosine_ways(), *interaction_ways(tokens)],
                },
            ),
            "cuttings": {
                name: figures_of(row, windows[f"{OURS}: {name.split(': ')[1]}"])
                for name, row in windows.items()
            },
            "depths": {name: figures_of(row, row) for name, row in depth_rows(materials).items()},
        },
    }


def rankings(
    materials: Sequence[Material], families: Mapping[str, Sequence[Way]]
) -> dict[str, dict[str, Any]]:
    """Judge families of ways, each way once."""
    found = {DEFAULT: score(Way(DEFAULT, by_retriever()), materials)}
    figures = {}
    for family, ways in families.items():
        for way in ways:
            if way.name not in found:
                found[way.name] = score(way, materials)
        figures[family] = {way.name: figures_of(found[way.name], found[way.rival]) for way in ways}
        _say(family)
    return figures


def choices(
    composed_: Sequence[tuple[Material, list[ChoiceQuestion]]], library: Path | None
) -> dict[str, Any]:
    """Judge questions with choices."""
    rows = choice_rows(composed_)
    with ExitStack() as stack:
        others = [stack.enter_context(development_questions())]
        if library:
            questions = question_rows(SAMPLE / "questions.json", [None])
            others.append(stack.enter_context(asked_questions(library, questions)))
        for name, scored in choice_rows(others).items():
            rows[name] += scored
    return {name: figures_of(row, rows[ALONE]) for name, row in rows.items()}


def _say(what: str) -> None:
    print(f"done: {what}", flush=True)


def _arguments() -> Arguments:
    parser = argparse.ArgumentParser(description="Compare ways to rank.")
    add_places(parser)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--sample", type=Path, help="a library that holds the sample film alone")
    parser.add_argument(
        "--alternative",
        action="append",
        default=[],
        metavar="NAME=FOLDER",
        help="weights of another text encoder",
    )
    typed = parser.parse_args()
    named = (one.partition("=") for one in typed.alternative)
    alternatives = {name: Path(folder) for name, _, folder in named}
    return Arguments(typed.seeds, typed.footage, typed.cache, typed.sample, alternatives)


if __name__ == "__main__":
    main()
