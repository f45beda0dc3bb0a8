"""The figures as tables for people."""

from collections.abc import Mapping
from typing import Any

from benchmarks.needle.footage import HALVES
from benchmarks.needle.judging import EVERYTHING, RIGHT_CLIP

HEADER = """# Needles in composed films

`python -m benchmarks.needle [--footage FOLDER]` writes this. A library for each seed holds a film
of each half; a query is asked of both films, and every span of either that satisfies it counts.
`R@k IoU=m` is VCMR recall; `R@1 clip` asks whether the first moment's clip is the place to look. In
brackets: 95% intervals, by resampling queries, whose values over the seeds are averaged first.
What this can and cannot show is said in `benchmarks/needle/__main__.py`.
"""


def render_tables(report: Mapping[str, Any]) -> str:
    """Write all tables as Markdown."""
    parts = [HEADER, "\n## Films\n\n", _films(report["films"])]
    parts.append(
        f"\nQueries whose every span is too long for IoU 0.5, whatever is returned: "
        f"{report['queries_whose_spans_all_exceed_60_seconds']}, all of them visual.\n"
    )
    for half in reversed(HALVES):
        figures = report["halves"][half]
        parts += [f"\n## {half.capitalize()} half\n\n", _recalls(figures["sources"])]
        parts += ["\nAll sources less one alone, paired:\n\n", _differences(figures["differences"])]
        parts += [
            "\nmIoU of the first moment less that of the whole clip it lies in, all sources:\n\n",
            _table(
                ["kind", "difference"],
                [[kind, _signed(bounds)] for kind, bounds in figures["placing"].items()],
            ),
        ]
        parts += [
            "\nProbability that the first moment of an answerable query scores higher than that "
            "of an absent one (AUC). A source alone is taken by its own score, all together "
            "by the probability of the moment.\n\n",
            _absent(figures["absent"]),
        ]
    return "".join(parts)


def _films(films: list[dict[str, Any]]) -> str:
    rows = [
        [film["name"], f"{film['minutes']:.1f}", str(film["shots"]), f"{film['footage_share']:.2f}"]
        for film in films
    ]
    return _table(["film", "minutes", "shots", "share of real footage"], rows)


def _recalls(sources: Mapping[str, Any]) -> str:
    measures = _measures(sources[EVERYTHING]["all"])
    rows = [
        [name, kind, str(summary["asked"]), *(_cell(summary[one]) for one in measures)]
        for name, groups in sources.items()
        for kind, summary in groups.items()
    ]
    return _table(["sources", "kind", "queries", *measures], rows)


def _differences(rivals: Mapping[str, Any]) -> str:
    measures = _measures(next(iter(rivals.values()))["all"])
    rows = [
        [name, kind, *(_signed(summary[one]) for one in measures)]
        for name, groups in rivals.items()
        for kind, summary in groups.items()
    ]
    return _table(["less", "kind", *measures], rows)


def _absent(sources: Mapping[str, Any]) -> str:
    rows = [
        [name, kind, str(found["asked"]), _cell(found["AUC"])]
        for name, groups in sources.items()
        for kind, found in groups.items()
    ]
    return _table(["sources", "kind", "absent queries", "AUC"], rows)


def _measures(summary: Mapping[str, Any]) -> list[str]:
    measures = [name for name, value in summary.items() if isinstance(value, dict)]
    return sorted(measures, key=lambda name: name != RIGHT_CLIP)


def _table(titles: list[str], rows: list[list[str]]) -> str:
    lines = [titles, ["---", *["---:"] * (len(titles) - 1)], *rows]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


def _cell(bounds: Mapping[str, float]) -> str:
    return f"{bounds['mean']:.2f} [{bounds['low']:.2f}, {bounds['high']:.2f}]"


def _signed(bounds: Mapping[str, float]) -> str:
    return f"{bounds['mean']:+.2f} [{bounds['low']:+.2f}, {bounds['high']:+.2f}]"
