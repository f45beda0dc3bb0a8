"""The figures as tables that people read."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from benchmarks.store_scale.bars import bars_of
from benchmarks.store_scale.comparison import FILTER
from benchmarks.store_scale.plan import PICTURE, TEXT
from benchmarks.store_scale.scopes import EVERYTHING
from benchmarks.store_scale.writing import OTHER, SAME

TITLE_OF_SEARCH = (
    "Retriever.search, p50 / p95 ms; more than a few percent in line for a processor: the machine "
    "was busy, or the search's own threads are in each other's way"
)


def render(figures: dict[str, Any]) -> str:
    """Write everything that was measured as Markdown."""
    sections: list[Iterable[str]] = [_bars(figures)]
    if libraries := figures.get("libraries"):
        ordered = sorted(libraries.values(), key=lambda library: sum(library["vectors"].values()))
        sections += [_libraries(ordered), _parts(ordered), _recall(ordered)]
    sections += [_compared(name, rows) for name, rows in figures.get("comparison", {}).items()]
    if "writing" in figures:
        sections.append(_writing(figures["writing"]))
    if "structure" in figures:
        sections.append(_structure(figures["structure"]))
    return "\n".join(line for section in sections for line in (*section, ""))


def _bars(figures: dict[str, Any]) -> Iterator[str]:
    rows = [
        (
            bar.name,
            _number(bar.measured),
            f"{bar.limit:g} {bar.unit}",
            "yes" if bar.is_met else "NO",
        )
        for bar in bars_of(figures)
    ]
    return _table("Bars", ("bar", "measured", "limit", "met"), rows)


def _libraries(libraries: Sequence[dict[str, Any]]) -> Iterator[str]:
    head = (
        *(
            "text vectors",
            "picture vectors",
            "publish s",
            "slowest s",
            "index s",
            "disk MiB",
            "vectors MiB",
        ),
        *("start s", "cold s", "open to searched s", "RSS MiB", "own MiB", "peak MiB"),
    )
    rows = []
    for library in libraries:
        build, opening, memory = library["build"], library["opening"], library["memory"]
        cold = opening.get("cold", {}).get("process_seconds")
        rows.append(
            (
                f"{library['vectors'][TEXT]:,}",
                f"{library['vectors'][PICTURE]:,}",
                _number(build["publish_seconds"]),
                _number(build["slowest_publish_seconds"]),
                _number(build["compact_seconds"] + build["first_search_seconds"]),
                _number(library["disk_mib"]["all"]),
                _number(library["disk_mib"].get("vectors", 0)),
                _number(opening["warm"]["process_seconds"]),
                "-" if cold is None else _number(cold),
                _number(opening["warm"]["open_to_searched_seconds"]),
                *(_number(memory[name]) for name in ("rss_mib", "uss_mib", "peak_rss_mib")),
            )
        )
    return _table("Libraries: building, disk, starting, memory of searching", head, rows)


def _parts(libraries: Sequence[dict[str, Any]]) -> Iterator[str]:
    names = list(libraries[0]["retriever"]["parts"])
    rows = [
        (
            _name(library),
            *(_pair(library["retriever"]["parts"].get(name)) for name in names),
            f"{library['retriever']['share_in_line_for_a_processor']:.1%}",
        )
        for library in libraries
    ]
    return _table(TITLE_OF_SEARCH, ("vectors", *names, "in line"), rows)


def _recall(libraries: Sequence[dict[str, Any]]) -> Iterator[str]:
    rows = [
        (
            _name(library),
            space,
            part,
            f"{figures.get('share_of_rows', 1):.1%}",
            _pair(figures),
            f"{figures['recall_at_10']:.4f}" if "recall_at_10" in figures else "-",
        )
        for library in libraries
        for space, parts in library["spaces"].items()
        for part, figures in parts.items()
    ]
    head = ("vectors", "space", "part", "rows", "p50 / p95 ms", "recall@10")
    return _table("Library.search_vectors", head, rows)


def _compared(name: str, rows: dict[str, Any]) -> Iterator[str]:
    head = ("store", "build s", "disk MiB", "p50 / p95 ms", "recall@10", FILTER, "recall@10")
    lines = [
        (
            store + (" (whole library)" if figures.get("is_whole_library") else ""),
            _number(figures["build_seconds"]),
            _number(figures["disk_mib"]),
            _pair(figures[EVERYTHING]),
            f"{figures[EVERYTHING]['recall_at_10']:.3f}",
            _pair(figures[FILTER]),
            f"{figures[FILTER]['recall_at_10']:.3f}",
        )
        for store, figures in rows.items()
    ]
    return _table(f"The same {name} text vectors in other stores", head, lines)


def _writing(figures: dict[str, Any]) -> Iterator[str]:
    head = (
        "searching",
        "searches",
        "alone p50 ms",
        "p50 ms",
        "p99 ms",
        "max ms",
        "worst excess ms",
        "p99 excess ms",
    )
    rows = [
        (
            name,
            str(run["searches"]),
            _number(run["alone"]["p50_ms"]),
            *(_number(run["searching"][key]) for key in ("p50_ms", "p99_ms", "max_ms")),
            _number(run["worst_excess_ms"]),
            _number(run["p99_excess_ms"]),
        )
        for name, run in figures.items()
        if name in (OTHER, SAME)
    ]
    return _table("Searching while videos are published", head, rows)


def _structure(figures: dict[str, Any]) -> Iterator[str]:
    head = ("sample", "nearest cosine", "cosine of pairs", "intrinsic dimension", "90% of variance")
    rows = [
        (
            name,
            *(_spread(sample[key]) for key in ("cosine_to_nearest", "cosine_of_pairs")),
            _number(sample["intrinsic_dimension"]),
            f"{sample['directions_of_90_percent']} directions",
        )
        for name, sample in figures["samples"].items()
    ]
    title = f"What the vectors are like (samples of {figures['sample_size']:,}; p10 p50 p90)"
    yield from _table(title, head, rows)
    words = figures["words"]
    shares = ", ".join(f"{word} {share:.1%}" for word, share in words["share_of_rows_with"].items())
    rare = words["share_of_words_in_3_rows_or_fewer"]
    yield ""
    yield (
        f"Commonest words by share of {words['rows']:,} rows: {shares}; {rare:.0%} of "
        f"{words['distinct_words']:,} words are in 3 rows or fewer."
    )


def _table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    lines = [tuple(head), *map(tuple, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    yield f"## {title}"
    yield ""
    for number, line in enumerate(lines):
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        yield f"| {' | '.join(cells)} |"
        if number == 0:
            yield f"|{'|'.join('-' * (width + 2) for width in widths)}|"


def _name(library: dict[str, Any]) -> str:
    return " + ".join(f"{library['vectors'][space]:,}" for space in (TEXT, PICTURE))


def _pair(figures: dict[str, float] | None) -> str:
    if figures is None:
        return "-"
    return f"{_number(figures['p50_ms'])} / {_number(figures['p95_ms'])}"


def _spread(values: dict[str, float]) -> str:
    return " ".join(f"{value:.2f}" for value in values.values())


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
