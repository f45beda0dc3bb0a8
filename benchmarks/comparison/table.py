"""The figures as tables for people."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.comparison.depths import COUNTS
from benchmarks.comparison.judging import DEPTHS, IOU, R1_CLIP
from benchmarks.needle.plan import KINDS

MEASURES = [f"R@{k} clip" for k in DEPTHS] + [f"R@{k} IoU={IOU}" for k in DEPTHS]
FINDINGS = Path(__file__).with_name("findings.md")
TITLES = {
    "sources": "Sources, under the default's fusion and weights",
    "fusion": "Fusion",
    "joint": "One document or one vector for each clip",
    "encoders": "Text encoder, fused by minmax",
    "late interaction": "Late interaction over the 20 best lines, fused by minmax",
    "cuttings": "Length and overlap of clips",
    "choices": "Questions with choices, fused by minmax",
}
# What a family's rows are compared with, where it is not the default.
RIVALS = {
    "encoders": "MiniLM-L6's cosine with the same sources",
    "late interaction": "MiniLM-L6's cosine with the same sources",
    "cuttings": "our cuts in the same way",
    "choices": "the question alone",
}
HEADER = """# Ways to rank, compared

`python -m benchmarks.comparison [--footage FOLDER] [--sample LIBRARY]` writes this. Sources are
asked once for each query of the composed films (`benchmarks/needle`) and of the sample film; every
way ranks the same hits. `R@k clip` asks whether one of the first k moments lies in a clip that is
the place to look; `R@k IoU=0.5` is VCMR recall. In brackets: 95% intervals, by resampling queries,
whose values over the seeds are averaged first. The difference is paired, with the p value of the
randomisation test; there are many rows, so one p of some hundredths among them says little.
"""


def render_tables(report: Mapping[str, Any]) -> str:
    """Write all tables as Markdown."""
    options = report["default"]
    parts = [HEADER]
    parts.append(
        f"\nThe default's fusion is `{options['fusion']}`; the weights of the others are "
        f"{options['lexical_weight']} for words, {options['text_weight']} for dense text and "
        f"{options['picture_weight']} for pictures.{_absent_encoders(report)}\n"
    )
    families = report["families"]
    for name, title in TITLES.items():
        parts += [f"\n## {title}\n", _family(families[name], RIVALS.get(name, "the default"))]
        if name == "cuttings":
            parts.append(_facts(report["cuttings"]))
        if name == "late interaction":
            parts.append(_cost(report["late interaction milliseconds"]))
    parts += ["\n## How many moments\n", _depths(families["depths"])]
    if FINDINGS.exists():
        parts += ["\n", FINDINGS.read_text("utf-8")]
    return "".join(parts)


def _family(rows: Mapping[str, Any], rival: str) -> str:
    return "".join(_half(half, rows, rival) for half in _ordered(next(iter(rows.values()))))


def _ordered(halves: Mapping[str, Any]) -> list[str]:
    first = [half for half in ("reporting", "tuning") if half in halves]
    return [*first, *(half for half in halves if half not in first)]


def _half(half: str, rows: Mapping[str, Any], rival: str) -> str:
    num_queries = next(iter(rows.values()))[half]["queries"]
    titles = ["", *MEASURES, *(f"{kind} {R1_CLIP}" for kind in KINDS)]
    titles += [f"difference {R1_CLIP}", f"difference R@1 IoU={IOU}"]
    cells = [[name, *_cells(row[half])] for name, row in rows.items()]
    return (
        f"\n{half.capitalize()}, {num_queries} queries; against {rival}:\n\n{_table(titles, cells)}"
    )


def _cells(figures: Mapping[str, Any]) -> list[str]:
    kinds = figures["R@1 clip by kind"]
    differences = figures["differences"]
    return [
        *(_cell(figures["measures"][one]) for one in MEASURES),
        *(_cell(kinds[kind]) if kind in kinds else "" for kind in KINDS),
        *(_signed(differences[one]) for one in (R1_CLIP, f"R@1 IoU={IOU}")),
    ]


def _depths(rows: Mapping[str, Any]) -> str:
    parts = []
    for half in _ordered(next(iter(rows.values()))):
        cells = []
        for k in COUNTS:
            figures = rows[f"k = {k}"][half]
            kinds = figures["right clip by kind"]
            cells.append(
                [
                    str(k),
                    _cell(figures["measures"]["right clip"]),
                    *(_cell(kinds[kind]) if kind in kinds else "" for kind in KINDS),
                    f"{figures['measures']['words']['mean']:.0f}",
                    f"{figures['measures']['seconds']['mean']:.0f}",
                ]
            )
        titles = ["k", "right clip", *KINDS, "words to read", "seconds of film"]
        parts.append(f"\n{half.capitalize()}:\n\n{_table(titles, cells)}")
    return "".join(parts)


def _facts(facts: Mapping[str, Any]) -> str:
    rows = [
        [name, f"{one['mean_seconds']:.1f}", f"{one['clips']:.0f}"] for name, one in facts.items()
    ]
    return f"\n{_table(['cutting', 'mean seconds', 'clips'], rows)}"


def _cost(milliseconds: Mapping[str, float]) -> str:
    costs = ", ".join(f"{name} {value:.1f}" for name, value in milliseconds.items())
    return f"\nWhat late interaction adds to a query, in milliseconds of the processor: {costs}.\n"


def _absent_encoders(report: Mapping[str, Any]) -> str:
    if report["alternatives"]:
        return ""
    return (
        " No weights of another text encoder were given (`--alternative`): its rows are left out."
    )


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [titles, ["---", *["---:"] * (len(titles) - 1)], *rows]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


def _cell(bounds: Mapping[str, float]) -> str:
    return f"{bounds['mean']:.2f} [{bounds['low']:.2f}, {bounds['high']:.2f}]"


def _signed(bounds: Mapping[str, float]) -> str:
    return (
        f"{bounds['mean']:+.2f} [{bounds['low']:+.2f}, {bounds['high']:+.2f}] p {bounds['p']:.3f}"
    )
