"""Medians over several runs of each procedure, one after the other in turns."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.videomind.film import Film
from benchmarks.videomind.ledger import Count, Part
from benchmarks.videomind.procedure import (
    FOLLOW_UP,
    OURS,
    PROCEDURES,
    REFERENCE,
    UNSHARED,
    Run,
    ask,
)
from reasoner.answer import Role
from reasoner.videomind.backend import LoadedVideoMind

FASTER_BAR = 2.0
"""Seconds of the reference procedure for each of ours."""


def measure_chains(
    loaded: LoadedVideoMind, film: Film, repetitions: int
) -> dict[str, tuple[Run, ...]]:
    """Answer by every procedure, once to warm up and then as often as asked for.

    Returns:
        The runs that count, by the procedure's name.
    """
    rounds = [[ask(each, loaded, film) for each in PROCEDURES] for _ in range(repetitions + 1)]
    runs = zip(*rounds[1:], strict=True)
    return {procedure.name: of for procedure, of in zip(PROCEDURES, runs, strict=True)}


def figures(runs: Mapping[str, Sequence[Run]]) -> dict[str, Any]:
    """Put the runs into figures: each procedure's, their ratios, and whether they said the same."""
    procedures = {name: _figures_of(of) for name, of in runs.items()}
    chain = {name: one["chain_seconds"] for name, one in procedures.items()}
    ours, reference = runs[OURS.name][-1], runs[REFERENCE.name][-1]
    ratio = chain[REFERENCE.name] / chain[OURS.name]
    return {
        "procedures": procedures,
        "times_faster": {
            "the reference procedure": ratio,
            "ours without keeping and batching": chain[UNSHARED.name] / chain[OURS.name],
            "the reference procedure, at the next question on the same windows": (
                chain[REFERENCE.name] / chain[FOLLOW_UP.name]
            ),
        },
        "bar": FASTER_BAR,
        "is_within_bar": ratio >= FASTER_BAR,
        "same_generated_tokens": _generated(ours) == _generated(reference),
        "largest_difference": largest_difference(ours, reference),
    }


def largest_difference(one: Run, other: Run) -> dict[str, float]:
    """Compare the spans of two answers, one by one in the order of time.

    Returns:
        Of the edges in seconds and of both scores; infinite where there are not as many spans.
    """
    rows, others = (_rows(run) for run in (one, other))
    if len(rows) != len(others):
        return dict.fromkeys(("edge_seconds", "confidence", "yes_probability"), float("inf"))
    pairs = [
        [abs(a - b) for a, b in zip(row, its, strict=True)]
        for row, its in zip(rows, others, strict=True)
    ]
    return {
        "edge_seconds": max((max(pair[:2]) for pair in pairs), default=0.0),
        "confidence": max((pair[2] for pair in pairs), default=0.0),
        "yes_probability": max((pair[3] for pair in pairs), default=0.0),
    }


def _rows(run: Run) -> list[tuple[float, float, float, float]]:
    return sorted(
        (
            span.span.start_seconds,
            span.span.end_seconds,
            span.confidence,
            -1.0 if span.yes_probability is None else span.yes_probability,
        )
        for span in run.answer.spans
    )


def _generated(run: Run) -> dict[str, int]:
    counts = run.ledger.counts
    return {role: n for (role, count), n in counts.items() if count == Count.NEW_TOKENS}


def _figures_of(runs: Sequence[Run]) -> dict[str, Any]:
    seconds = [run.seconds for run in runs]
    return {
        "chain_seconds": statistics.median(seconds),
        "least_seconds": min(seconds),
        "most_seconds": max(seconds),
        "roles": {str(role): _figures_of_role(role, runs) for role in Role},
        "totals": {str(count): runs[-1].ledger.total(count) for count in Count},
    }


def _figures_of_role(role: Role, runs: Sequence[Run]) -> dict[str, Any]:
    return {
        "seconds": statistics.median(run.answer.seconds_by_role[role] for run in runs),
        "parts": {
            str(part): statistics.median(run.ledger.seconds[role, part] for run in runs)
            for part in Part
        },
        "counts": {str(count): runs[-1].ledger.counts[role, count] for count in Count},
    }
