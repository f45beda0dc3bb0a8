"""What the store promises, next to what was measured."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.store_scale.plan import SPACES
from benchmarks.store_scale.writing import SAME

RECALL = 0.99
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Bar:
    """One promise.

    Attributes:
        limit: At most, or at least for recall.
    """

    name: str
    measured: float
    limit: float
    unit: str

    @property
    def is_met(self) -> bool:
        """Says whether it was kept."""
        if self.unit == "recall":
            return self.measured >= self.limit
        return self.measured < self.limit

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {**asdict(self), "is_met": self.is_met}


def bars_of(figures: dict[str, Any]) -> list[Bar]:
    """List the promises that the figures say something about."""
    bars: list[Bar] = []
    libraries = figures.get("libraries", {})
    archive = libraries.get(figures["archive"])
    if archive:
        bars += _latency(figures["archive"], archive, 60, 120)
    for name, library in libraries.items():
        if min(library["vectors"].values()) >= MILLION:
            bars += _latency(name, library, 150, None)
            opening = library["opening"]["warm"]["process_seconds"]
            bars.append(Bar(f"{name}: start to first search", opening, 3, "s"))
    for name, library in libraries.items():
        bars += [
            Bar(f"{name}: worst {space} recall@10", *_worst(library, space)) for space in SPACES
        ]
    if writing := figures.get("writing"):
        excess = writing[SAME]["worst_excess_ms"]
        bars.append(Bar("worst wait put down to a writer", excess, 100, "ms"))
    return bars


def _latency(
    name: str, library: dict[str, Any], p50_ms: float, p95_ms: float | None
) -> Iterator[Bar]:
    whole = library["retriever"]["parts"]["whole"]
    yield Bar(f"{name}: search p50", whole["p50_ms"], p50_ms, "ms")
    if p95_ms is not None:
        yield Bar(f"{name}: search p95", whole["p95_ms"], p95_ms, "ms")


def _worst(library: dict[str, Any], space: str) -> tuple[float, float, str]:
    parts = library["spaces"][space].values()
    return min(part["recall_at_10"] for part in parts if "recall_at_10" in part), RECALL, "recall"
