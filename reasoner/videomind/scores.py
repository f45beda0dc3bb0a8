"""The verifier's word as two numbers: the one that ranks, and the one that people are shown.

The reference knows the first alone. It is squeezed between 0.269 and 0.731, so that a sure "Yes"
would read as 73%.
"""

import math
from collections.abc import Sequence

import torch

from store.errors import ModelOutputError

MAX_CANDIDATES = 5
"""Of the grounder's spans, of one window and in all, that the verifier looks at."""


def yes_no_score(logits: torch.Tensor, yes_id: int, no_id: int) -> float:
    """Score a candidate by how much likelier "Yes" is than "No" as the next token: what ranks.

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
    probabilities = _finite(logits).softmax(-1)
    difference = float(probabilities[yes_id]) - float(probabilities[no_id])
    return 1.0 / (1.0 + math.exp(-difference))


def yes_probability(logits: torch.Tensor, yes_id: int, no_id: int) -> float:
    """Compare "Yes" with "No" as if no other token were possible: what people are shown.

    Args:
        logits: ``(V,)``, over the whole vocabulary, on any device.
        yes_id: Token of "Yes".
        no_id: Token of "No".

    Returns:
        The softmax of the two, in ``[0, 1]``; above one half just where ``yes_no_score`` is. Of
        two candidates it may prefer another than that, which counts the other tokens too.

    Raises:
        ModelOutputError: A logit is NaN or infinite.

    Source:
        Nogueira et al. 2020 (arXiv 2003.06713), who score with a softmax over the two words only;
        not in VideoMind. No model's was calibrated.
    """
    values = _finite(logits)
    return float(torch.sigmoid(values[yes_id].double() - values[no_id].double()))


def _finite(logits: torch.Tensor) -> torch.Tensor:
    values = logits.detach().float().cpu()
    if not torch.isfinite(values).all():
        raise ModelOutputError(
            "the verifier gave scores that are not numbers; load the model in bfloat16 or float32"
        )
    return values


def verified_order(scores: Sequence[float]) -> list[int]:
    """Order candidates by their scores, best first; equal ones keep the grounder's order.

    Raises:
        ModelOutputError: A score is NaN or infinite.
    """
    if not all(math.isfinite(score) for score in scores):
        raise ModelOutputError("a score is not a number; leave its candidate out of the order")
    return sorted(range(len(scores)), key=lambda number: -scores[number])
