"""Run the store's benchmark: ``python -m benchmarks.store_scale [--quick] [--sizes ...]``.

Everything is printed, and kept as ``store_scale.json``, ``.md`` and ``.png`` after each part. Built
libraries stay in the scratch folder for the next run; ``--rebuild`` throws them away.
"""

import argparse
import json
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from os import environ
from pathlib import Path
from typing import Any

from benchmarks.run import machine
from benchmarks.store_scale.bars import bars_of
from benchmarks.store_scale.building import Built, build
from benchmarks.store_scale.comparison import compare
from benchmarks.store_scale.films import FilmMaker
from benchmarks.store_scale.measuring import measure_library
from benchmarks.store_scale.plan import TEXT, Plan, plan_of
from benchmarks.store_scale.plot import plot_growth
from benchmarks.store_scale.queries import Queries, write_queries
from benchmarks.store_scale.report import render
from benchmarks.store_scale.scale import FULL, QUICK, Scale, growth_plans
from benchmarks.store_scale.structure import measure_structure
from benchmarks.store_scale.writing import measure_writing

RESULTS = Path(__file__).parents[1] / "results"
SCRATCH = Path(".cinedex") / "store_scale"
PARTS = ("archive", "growth", "comparison", "writing", "structure")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
NAMED_PACKAGES = ("faiss-cpu", "numpy", "sqlalchemy", "sqlite-vec", "lancedb")


class Run:
    """One run: builds what a part needs, measures, keeps the figures.

    Args:
        scale: How much.
        scratch: For built libraries.
        results: For what is kept.
        rebuild: Whether libraries of former runs are thrown away.
    """

    def __init__(self, scale: Scale, scratch: Path, results: Path, *, rebuild: bool) -> None:
        self._scale = scale
        self._scratch = scratch
        self._cache = scratch.parent / "embedded"
        self._results = results
        self._rebuild = rebuild
        self._built: dict[Plan, Built] = {}
        self._maker = FilmMaker.of(scale.num_seeds, self._cache)
        self._queries: Queries = write_queries(
            self._maker, scale.num_queries, scale.archive.num_videos, scratch
        )
        self.figures: dict[str, Any] = _kept(results)
        self.figures |= {"machine": _machine(), "archive": scale.archive.name}

    def archive(self) -> None:
        """Measure the library that most bars are about."""
        self._measure(self._scale.archive)

    def growth(self) -> None:
        """Measure libraries of rising size."""
        for plan in growth_plans(self._scale):
            self._measure(plan)

    def comparison(self) -> None:
        """Measure other stores with the same vectors."""
        plans = [*map(plan_of, self._scale.compared), self._scale.archive]
        compared = {
            f"{plan.num_rows(TEXT):,}": compare(
                self._library(plan), self._scratch, self._scale.num_recall
            )
            for plan in plans
        }
        self._keep({"comparison": compared})

    def writing(self) -> None:
        """Measure searches beside a writer."""
        figures = measure_writing(
            self._library(self._scale.archive),
            self._scratch,
            self._cache,
            num_seeds=self._scale.num_seeds,
            num_videos=self._scale.num_published,
        )
        self._keep({"writing": figures})

    def structure(self) -> None:
        """Compare the made-up vectors with real ones."""
        figures = measure_structure(self._library(self._scale.archive), self._maker)
        self._keep({"structure": figures})

    def _library(self, plan: Plan) -> Built:
        if plan not in self._built:
            self._built[plan] = build(plan, self._maker, self._scratch, rebuild=self._rebuild)
        return self._built[plan]

    def _measure(self, plan: Plan) -> None:
        figures = measure_library(
            self._library(plan), self._queries, self._scratch, self._scale.num_recall
        )
        self._keep({"libraries": {**self.figures.get("libraries", {}), plan.name: figures}})

    def _keep(self, figures: dict[str, Any]) -> None:
        self.figures |= figures
        self.figures["bars"] = [bar.as_dict() for bar in bars_of(self.figures)]
        self._results.mkdir(parents=True, exist_ok=True)
        path = self._results / "store_scale.json"
        path.write_text(json.dumps(self.figures, indent=2) + "\n", "utf-8")
        path.with_suffix(".md").write_text(render(self.figures), "utf-8")
        grown = [
            library
            for library in self.figures.get("libraries", {}).values()
            if len(set(library["vectors"].values())) == 1
        ]
        if grown:
            plot_growth(grown, path.with_suffix(".png"))


def main() -> None:
    """Measure what was asked for."""
    arguments = _arguments()
    scale = QUICK if arguments.quick else FULL
    if arguments.sizes:
        scale = replace(scale, growth=tuple(arguments.sizes))
    scratch = arguments.scratch / ("quick" if arguments.quick else "full")
    results = arguments.results or (scratch / "results" if arguments.quick else RESULTS)
    run = Run(scale, scratch, results, rebuild=arguments.rebuild)
    for part in arguments.parts:
        getattr(run, part)()
    print(render(run.figures))
    print(f"kept in {results}")


def _kept(results: Path) -> dict[str, Any]:
    """Read what former runs measured, so that one part can be measured again."""
    path = results / "store_scale.json"
    figures: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return figures


def _machine() -> dict[str, Any]:
    return {
        **machine(),
        "threads": {name: environ.get(name) for name in THREADS},
        "packages": {name: _version(name) for name in NAMED_PACKAGES},
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.store_scale", description="Measure how the store scales."
    )
    parser.add_argument("--quick", action="store_true", help="some minutes, some ten thousand rows")
    parser.add_argument(
        "--sizes", type=int, nargs="+", help="vectors in each space of the libraries that grow"
    )
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--scratch", type=Path, default=SCRATCH, help="where libraries are built")
    parser.add_argument("--results", type=Path, help="by default benchmarks/results; if quick, not")
    parser.add_argument("--rebuild", action="store_true", help="build all libraries anew")
    return parser.parse_args()


if __name__ == "__main__":
    main()
