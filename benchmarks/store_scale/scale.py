"""How much is measured: everything, or small and soon over."""

from dataclasses import dataclass

from benchmarks.store_scale.plan import Plan, plan_of


@dataclass(frozen=True, slots=True)
class Scale:
    """Sizes of one run.

    Attributes:
        archive: The library that most bars are about: many texts, one picture a clip.
        growth: Vectors in each of two equal spaces.
        compared: Growth sizes at which other stores are measured; the archive always is.
        num_seeds: Really embedded sentences.
        num_queries: For latencies.
        num_recall: Queries for recall, and for the comparison.
        num_published: Videos published while others search.
    """

    archive: Plan
    growth: tuple[int, ...]
    compared: tuple[int, ...]
    num_seeds: int
    num_queries: int
    num_recall: int
    num_published: int


FULL = Scale(
    archive=Plan(400_000, 1),
    growth=(10_000, 30_000, 100_000, 300_000, 1_000_000),
    compared=(100_000,),
    num_seeds=16_000,
    num_queries=200,
    num_recall=100,
    num_published=60,
)
QUICK = Scale(
    archive=Plan(20_000, 1),
    growth=(2_000, 6_000, 20_000),
    compared=(),
    num_seeds=4_000,
    num_queries=60,
    num_recall=40,
    num_published=10,
)


def growth_plans(scale: Scale) -> list[Plan]:
    """Lay out the libraries of two equal spaces."""
    return [plan_of(size) for size in scale.growth]
