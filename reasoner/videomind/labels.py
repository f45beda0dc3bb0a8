"""What a role is taught, as labels: tokens for the language model, frames for the decoder."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reasoner.videomind.spans import parse_span

IGNORED = -100
"""The label of a token that is not learned; torch's cross entropy skips it."""


def assistant_labels(
    input_ids: Sequence[int], header_ids: Sequence[int], end_id: int
) -> NDArray[np.int64]:
    """Label what the assistant says and ignore the rest.

    Turns are found among the ids, so that it does not matter what the video was expanded to.

    Args:
        input_ids: ``T`` tokens of a chat.
        header_ids: How the assistant's turn begins; not learned.
        end_id: How a turn ends; learned, so that the role stops.

    Returns:
        ``(T,)``, ``IGNORED`` outside the assistant's turns.

    Raises:
        ValueError: The assistant says nothing.
    """
    ids, header = np.asarray(input_ids, dtype=np.int64), np.asarray(header_ids, dtype=np.int64)
    labels = np.full_like(ids, IGNORED)
    for start in _places(ids, header):
        first = start + header.size
        ends = np.flatnonzero(ids[first:] == end_id)
        last = first + int(ends[0]) + 1 if ends.size else ids.size
        labels[first:last] = ids[first:last]
    if (labels == IGNORED).all():
        raise ValueError("the tokens hold no turn of the assistant to learn from")
    return labels


def _places(ids: NDArray[np.int64], sequence: NDArray[np.int64]) -> list[int]:
    """Find where a sequence begins."""
    if ids.size < sequence.size:
        return []
    windows = np.lib.stride_tricks.sliding_window_view(ids, sequence.size)
    return [int(place) for place in np.flatnonzero((windows == sequence).all(axis=1))]


@dataclass(frozen=True, slots=True)
class GroundingLabels:
    """Where moments are, for the timestamp decoder.

    Attributes:
        boundaries: ``(G, 2)`` float64, start and end of each moment as shares of the clip.
        saliency: ``(T,)`` bool, true for the time steps inside a moment; each moment has one.
    """

    boundaries: NDArray[np.float64]
    saliency: NDArray[np.bool_]


def grounding_labels(
    spans_seconds: Sequence[tuple[float, float]], duration_seconds: float, num_steps: int
) -> GroundingLabels:
    """Turn annotated spans into labels.

    Args:
        spans_seconds: At least one, starts and ends; may lie outside the clip.
        duration_seconds: Of the clip.
        num_steps: Time steps of the clip; a span shorter than one is lengthened to it.

    Raises:
        ValueError: No span, or a clip without length or steps.

    Source:
        ``dataset/hybrid.py`` of VideoMind. It refuses a sample with a moment in which no step
        starts, as happens by rounding to a moment of one step; here the step over its middle is
        taken.
    """
    if not spans_seconds or not duration_seconds > 0 or num_steps < 1:
        raise ValueError("labels need a span, and a clip with a length and time steps")
    steps_per_second = num_steps / duration_seconds
    spans = [
        parse_span(start, end, duration_seconds, 1 / steps_per_second)
        for start, end in spans_seconds
    ]
    saliency = np.zeros(num_steps, dtype=np.bool_)
    for span in spans:
        first = math.ceil(span.start_seconds * steps_per_second)
        inside = saliency[first : math.ceil(span.end_seconds * steps_per_second)]
        if inside.size:
            inside[:] = True
        else:
            saliency[int(span.middle_seconds * steps_per_second)] = True
    shares = [(span.start_seconds, span.end_seconds) for span in spans]
    return GroundingLabels(np.array(shares) / duration_seconds, saliency)
