"""SODA_c: do the captions of a video tell its story in order?"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from reasoner.metrics.quirks import Quirk
from store.timespan import TimeSpan

Similarity = Callable[[str, str], float]


@dataclass(frozen=True, slots=True)
class TimedCaption:
    """What happens in a span."""

    span: TimeSpan
    text: str


def soda_c(
    captions: Sequence[TimedCaption],
    truths: Sequence[TimedCaption],
    similarity: Similarity,
    compat: Literal[Quirk.EMISSION_ORDER] | None = None,
) -> float:
    """Compute the F1 of one video, for one reference; SODA_c is the mean over videos.

    A caption is worth the IoU with its true one times the similarity of their texts. Captions and
    true captions are matched one to one and in order, so that the sum ``S`` is the greatest;
    precision is ``S`` by the captions, recall ``S`` by the true ones. With several references a
    video counts with its best.

    Args:
        captions: In any order; may be empty, which is a miss.
        truths: At least one.
        similarity: Of two texts, in ``[0, 1]``: METEOR in the paper. Name it with the figure.
        compat: Whether captions keep the order they came in.

    Raises:
        ValueError: No true caption, or a similarity that is no number in ``[0, 1]``.

    Source:
        Fujita et al., "SODA: Story Oriented Dense Video Captioning Evaluation Framework", ECCV
        2020, from the formulas of the paper.
    """
    if not truths:
        raise ValueError("the video has no true caption; leave it out of SODA_c")
    if not captions:
        return 0.0
    told = captions if compat is Quirk.EMISSION_ORDER else _in_time_order(captions)
    best = _best_sum(_worths(told, _in_time_order(truths), similarity))
    precision, recall = best / len(captions), best / len(truths)
    return 2 * precision * recall / (precision + recall) if best > 0 else 0.0


def _in_time_order(captions: Sequence[TimedCaption]) -> list[TimedCaption]:
    return sorted(captions, key=lambda caption: caption.span.start_seconds)


def _worths(
    captions: Sequence[TimedCaption], truths: Sequence[TimedCaption], similarity: Similarity
) -> NDArray[np.float64]:
    """Return ``(G, P)``: what each caption is worth as each true one."""
    worths = np.zeros((len(truths), len(captions)))
    for row, truth in enumerate(truths):
        for column, caption in enumerate(captions):
            iou = caption.span.iou(truth.span)
            worths[row, column] = iou * _checked(similarity, caption, truth) if iou else 0.0
    return worths


def _checked(similarity: Similarity, caption: TimedCaption, truth: TimedCaption) -> float:
    value = similarity(caption.text, truth.text)
    if not (math.isfinite(value) and 0 <= value <= 1):
        raise ValueError(
            f"the similarity of {caption.text!r} and {truth.text!r} must lie in [0, 1], got {value}"
        )
    return value


def _best_sum(worths: NDArray[np.float64]) -> float:
    """Return the greatest sum over matchings that keep both orders, by dynamic programming."""
    best = np.zeros(worths.shape[1] + 1)
    for row in worths:
        # Either this row takes column j, after the best of the rows above with the columns before;
        # or column j stays as the rows above left it; or the best lies in an earlier column.
        best[1:] = np.maximum(best[1:], best[:-1] + row)
        best = np.maximum.accumulate(best)
    return float(best[-1])
