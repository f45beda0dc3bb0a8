"""In-span score: was the right thing said while it happened?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from reasoner.metrics.quirks import Quirk
from store.timespan import TimeSpan

LOWEST_SCORE, HIGHEST_SCORE = 1, 5
UNTIMED_SECONDS = -1.0


@dataclass(frozen=True, slots=True, eq=False)
class JudgedReplies:
    """What a model said while it watched, as a judge marks it.

    Attributes:
        seconds: ``(P,)`` when each reply came.
        scores: ``(G, P)`` how well each reply gives each of ``G`` true answers, 1 to 5.
    """

    seconds: ArrayLike
    scores: ArrayLike


NO_REPLIES = JudgedReplies((), ())
"""Stands for a question without any reply."""


def in_span_score(
    replies: JudgedReplies,
    truths: Sequence[TimeSpan],
    compat: Literal[Quirk.UNTIMED_EVERYWHERE] | None = None,
) -> float:
    """Compute the in-span score of one question, from 1 to 5; what is reported is the mean.

    A true answer gets the mean score of the replies that came in its span, both ends counted, and 1
    where none did; the question gets the mean over its true answers.

    Args:
        replies: ``NO_REPLIES`` is a miss, and gets 1.
        truths: The spans of the ``G`` true answers, at least one.
        compat: What a reply without a time is worth.

    Raises:
        ValueError: No true answer, shapes that do not fit, a time that is negative or no number, or
            a score outside 1 to 5.

    Source:
        Wang et al., "VideoLLM Knows When to Speak" (MMDuet), 2024, on multi-answer grounded video
        question answering; its ``analyze_magqa_results.py`` leaves questions without a true answer
        out, which here are an error.

    Example:
        >>> spans = [TimeSpan(0, 10), TimeSpan(20, 30)]
        >>> in_span_score(JudgedReplies([4.0, 10.0], [[5, 2], [1, 1]]), spans)
        2.25
    """
    if not truths:
        raise ValueError("the question has no true answer; leave it out of the in-span score")
    seconds = np.asarray(replies.seconds, dtype=np.float64)
    scores = np.asarray(replies.scores, dtype=np.float64)
    if not seconds.size and not scores.size:
        return float(LOWEST_SCORE)
    if seconds.ndim != 1 or scores.shape != (len(truths), len(seconds)):
        raise ValueError(
            f"{len(truths)} true answers and replies of shape {seconds.shape} do not go with "
            f"scores of shape {scores.shape}"
        )
    is_untimed = (seconds == UNTIMED_SECONDS) & (compat is Quirk.UNTIMED_EVERYWHERE)
    for wrong in seconds[~(np.isfinite(seconds) & (seconds >= 0)) & ~is_untimed]:
        raise ValueError(f"the time of a reply must be finite and not negative, got {wrong}")
    for wrong in scores[~((scores >= LOWEST_SCORE) & (scores <= HIGHEST_SCORE))]:
        raise ValueError(f"a score must lie in 1 to 5, got {wrong}")
    means = []
    for truth, row in zip(truths, scores, strict=True):
        is_inside = (truth.start_seconds <= seconds) & (seconds <= truth.end_seconds) | is_untimed
        means.append(row[is_inside].mean() if is_inside.any() else LOWEST_SCORE)
    return float(np.mean(means))
