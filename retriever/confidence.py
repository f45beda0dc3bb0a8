"""How probable it is that a moment answers the query: a logistic model over its lead.

What stands out from everything else in a library is more likely right than the best of many that
are alike, whatever its score; so the score counts, and how far the next ones are behind.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retriever.lead import Lead
from store.errors import QueryError

MOST_STEPS = 100
STEP_TOLERANCE = 1e-8


@dataclass(frozen=True, slots=True)
class ConfidenceModel:
    """The probability that a moment answers, and where to stop believing it.

    Attributes:
        bias: Nats.
        weights: Of ``Lead.row()``.
        thresholds: Share of the queries without an answer whose first moment passes, to the
            probability that it must have: measured where the model was fitted.
    """

    bias: float
    weights: tuple[float, float, float]
    thresholds: Mapping[float, float]

    def probability(self, lead: Lead) -> float:
        """Return the probability, in ``[0, 1]``, that a moment answers the query."""
        nats = self.bias + float(np.dot(self.weights, lead.row()))
        return float(1.0 / (1.0 + np.exp(-nats)))

    def least_probability(self, false_answer_rate: float) -> float:
        """Choose the probability from which on a moment is believed.

        Args:
            false_answer_rate: Share of the queries without an answer that may seem to have one;
                1 believes everything.

        Returns:
            Of the nearest lower rate that was measured.

        Raises:
            QueryError: No rate as low as that was measured.
        """
        if false_answer_rate >= 1:
            return 0.0
        measured = [rate for rate in self.thresholds if rate <= false_answer_rate]
        if not measured:
            raise QueryError(
                f"no threshold is known for a rate of false answers of {false_answer_rate:g}; "
                f"the lowest is {min(self.thresholds):g}"
            )
        return self.thresholds[max(measured)]


def fit_confidence(
    leads: Sequence[Lead],
    are_right: Sequence[bool],
    prior: ConfidenceModel | None = None,
    prior_strength: float = 1.0,
) -> tuple[float, tuple[float, float, float]]:
    """Fit bias and weights to judged moments.

    Args:
        leads: ``N`` moments, at least one.
        are_right: Whether each answers its query.
        prior: Whose weights few judgements leave as they are; ``None`` for 0.
        prior_strength: How many judgements' worth it counts, about.

    Returns:
        Bias and weights of the highest posterior.

    Source:
        Logistic regression with a Gaussian prior about ``prior``, by Newton's method (Platt,
        "Probabilistic outputs for support vector machines", 1999, with weights added).
    """
    features = np.array([(1.0, *lead.row()) for lead in leads])
    truth = np.array(are_right, dtype=np.float64)
    centre = np.zeros(4) if prior is None else np.array([prior.bias, *prior.weights])
    spread = np.maximum(features.std(axis=0), 1.0)  # of nats; few moments may be all alike
    stiffness = prior_strength * spread**2
    weights = centre.copy()
    for _ in range(MOST_STEPS):
        step = _newton_step(features, truth, weights, centre, stiffness)
        weights = weights - step
        if np.abs(step).max() < STEP_TOLERANCE:
            break
    bias, score, margin, gap = map(float, weights)
    return bias, (score, margin, gap)


def _newton_step(
    features: NDArray[np.float64],
    truth: NDArray[np.float64],
    weights: NDArray[np.float64],
    centre: NDArray[np.float64],
    stiffness: NDArray[np.float64],
) -> NDArray[np.float64]:
    probabilities = 1.0 / (1.0 + np.exp(-np.clip(features @ weights, -30, 30)))
    gradient = features.T @ (probabilities - truth) + stiffness * (weights - centre)
    curvature = features.T * (probabilities * (1 - probabilities)) @ features + np.diag(stiffness)
    step: NDArray[np.float64] = np.linalg.solve(curvature, gradient)
    return np.clip(step, -1.0, 1.0)


def threshold_for(false_answer_rate: float, absent: Sequence[float]) -> float:
    """Choose the least probability that at most a share of the queries without an answer reach.

    Args:
        false_answer_rate: In ``[0, 1)``.
        absent: Probability of the first moment of each query that nothing answers; at least one.

    Returns:
        A probability that one of them has, or just above the highest: what passes is at least it.
    """
    falling = sorted(absent, reverse=True)
    allowed = int(false_answer_rate * len(falling))
    return float(np.nextafter(falling[allowed], 2.0))
