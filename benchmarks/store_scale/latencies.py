"""Seconds of single searches, summed up in milliseconds."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import numpy as np

MILLISECONDS = 1000
Asked = TypeVar("Asked")
Found = TypeVar("Found")


def summary(seconds: Sequence[float]) -> dict[str, float]:
    """Give the median, tail and worst in milliseconds."""
    p50, p95, p99 = np.percentile(seconds, (50, 95, 99)).tolist()
    values = {"p50_ms": p50, "p95_ms": p95, "p99_ms": p99, "max_ms": max(seconds)}
    return {name: round(MILLISECONDS * value, 3) for name, value in values.items()}


def timed(
    ask: Callable[[Asked], Found], queries: Iterable[Asked]
) -> tuple[list[Found], list[float]]:
    """Ask one after the other; return what each found and the seconds it took."""
    found, seconds = [], []
    for query in queries:
        started = time.perf_counter()
        found.append(ask(query))
        seconds.append(time.perf_counter() - started)
    return found, seconds
