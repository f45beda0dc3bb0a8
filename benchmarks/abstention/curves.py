"""Figures of abstention: who passes a threshold, and whether a probability is what it says."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 5
DIGITS = 3
RESAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What one query found first.

    Attributes:
        probability: Of its first moment, in ``[0, 1]``; 0 where nothing was found.
        is_right: The first moment answers.
        is_absent: Nothing in the library does.
    """

    probability: float
    is_right: bool
    is_absent: bool


def kept_at(least_probability: float, probabilities: Sequence[float]) -> float:
    """Return the share that a threshold lets through; NaN of none."""
    if not probabilities:
        return float("nan")
    passed = sum(probability >= least_probability for probability in probabilities)
    return round(passed / len(probabilities), DIGITS)


def threshold_keeping(share: float, probabilities: Sequence[float]) -> float:
    """Return the highest threshold that keeps at least a share of some queries, at least one."""
    falling = sorted(probabilities, reverse=True)
    return falling[int(np.ceil(share * len(falling))) - 1]


def brier_score(asked: Sequence[Asked]) -> float:
    """Return the mean squared difference between probability and outcome.

    Source:
        Brier, "Verification of forecasts expressed in terms of probability", 1950.
    """
    return float(np.mean([(one.probability - one.is_right) ** 2 for one in asked]))


def reliability(asked: Sequence[Asked]) -> list[dict[str, float]]:
    """Compare, in bins of probability, what was stated with how many were right; no empty bins.

    Source:
        Murphy and Winkler, "Reliability of subjective probability forecasts", 1977.
    """
    rows = []
    for number in range(BINS):
        low, high = number / BINS, (number + 1) / BINS
        inside = [
            one
            for one in asked
            if low <= one.probability < high or (number == BINS - 1 and one.probability == 1)
        ]
        if inside:
            rows.append(
                {
                    "from": low,
                    "to": high,
                    "queries": len(inside),
                    "mean probability": float(np.mean([one.probability for one in inside])),
                    "right": float(np.mean([one.is_right for one in inside])),
                }
            )
    return rows


def area_under_curve(high: Sequence[float], low: Sequence[float]) -> dict[str, float]:
    """Return the probability that one of the first is more probable than one of the second.

    Ties count half; the interval is a percentile bootstrap that resamples queries of both.

    Source:
        Hanley and McNeil, "The Meaning and Use of the Area under a Receiver Operating
        Characteristic (ROC) Curve", Radiology 1982.
    """
    above, below = np.array(high)[:, np.newaxis], np.array(low)[np.newaxis]
    wins = (above > below) + 0.5 * (above == below)
    generator = np.random.default_rng(0)
    areas = [
        wins[np.ix_(_drawn(generator, len(high)), _drawn(generator, len(low)))].mean()
        for _ in range(RESAMPLES)
    ]
    least, most = np.quantile(areas, [0.025, 0.975])
    return {
        "mean": round(float(wins.mean()), DIGITS),
        "low": round(float(least), DIGITS),
        "high": round(float(most), DIGITS),
    }


def _drawn(generator: np.random.Generator, count: int) -> NDArray[np.int64]:
    return generator.integers(count, size=count)
