"""The verifier's word as a number, and the order that it gives."""

import math
from collections.abc import Sequence

import torch

from store.errors import ModelOutputError

MAX_CANDIDATES = 5
"""Of the grounder's spans, of one window and in all, that the verifier looks at."""


def yes_no_score(logits: torch.Tensor, yes_id: int, no_id: int) -> float:
    """Score a candidate by how much likelier "Yes" is than "No" as the next token.

    Args:
        logits: ``(V,)``, over the whole vocabulary, on any device.
        yes_id: Token of "Yes".
        no_id: Token of "No".

    Returns:
        The logistic function of the difference of the two probabilities, so between 0.269 and
        0.731: not a probability.

    Raises:
        ModelOutputError: A logit is NaN or infinite. The reference would rank the candidate.

    Source:
        ``eval/infer_auto.py`` of VideoMind. The probabilities are torch's in single precision as
        there: over a large vocabulary they are off by up to 2e-4 from the exact ones.
    """
    values = logits.detach().float().cpu()
    if not torch.isfinite(values).all():
        raise ModelOutputError(
            "the verifier gave scores that are not numbers; load the model in bfloat16 or float32"
        )
    probabilities = values.softmax(-1)
    difference = float(probabilities[yes_id]) - float(probabilities[no_id])
    return 1.0 / (1.0 + math.exp(-difference))


def verified_order(scores: Sequence[float]) -> list[int]:
    """Order candidates by their scores, best first; equal ones keep the grounder's order.

    Raises:
        ModelOutputError: A score is NaN or infinite.
    """
    if not all(math.isfinite(score) for score in scores):
        raise ModelOutputError("a score is not a number; leave its candidate out of the order")
    return sorted(range(len(scores)), key=lambda number: -scores[number])
