"""Spans as the roles pass them on: clamped, lengthened, or made up and marked as such.

Seconds count from the start of the clip that a role was shown.
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reasoner.answer import Fallback, Role
from store.errors import ModelOutputError
from store.timespan import TimeSpan

ROUNDING_SECONDS = 0.001
"""To which the grounder's spans are rounded; benchmarks with coarser marks set their own."""
ANSWER_SECONDS = 32.0
"""What the answerer sees at least, where the video has it."""
FALLBACK_WINDOWS = 5


def parse_span(
    start_seconds: float, end_seconds: float, duration_seconds: float, min_seconds: float = 0.0
) -> TimeSpan:
    """Put two bounds in order, inside the clip, and at least so far apart.

    Args:
        start_seconds: May lie outside the clip, or behind the end.
        end_seconds: Likewise.
        duration_seconds: Of the clip.
        min_seconds: A shorter span grows on both sides of its middle, and is moved where it would
            leave the clip; a clip that is shorter is taken whole.

    Raises:
        ValueError: A bound is not a number, or the clip's length is negative or infinite.

    Source:
        ``parse_span`` of VideoMind, ``utils/parser.py``.

    Example:
        >>> parse_span(99.0, 100.0, 100.0, 32.0)
        TimeSpan(start_seconds=68.0, end_seconds=100.0)
    """
    start, end = sorted(
        min(max(bound, 0.0), duration_seconds) for bound in (start_seconds, end_seconds)
    )
    if end - start < min_seconds:
        half = min_seconds / 2
        middle = min(duration_seconds - half, max(half, (start + end) / 2))
        start, end = max(0.0, middle - half), min(duration_seconds, middle + half)
    return TimeSpan(start, end)


def answer_span(
    start_seconds: float,
    end_seconds: float,
    duration_seconds: float,
    *,
    min_seconds: float = ANSWER_SECONDS,
    min_share: float | None = None,
) -> TimeSpan:
    """Lengthen the chosen span to what the answerer sees of the clip.

    Args:
        start_seconds: Of the chosen span.
        end_seconds: Likewise.
        duration_seconds: Of the clip.
        min_seconds: The least length.
        min_share: The least length as a share of the clip; takes the place of ``min_seconds``.
    """
    if min_share is not None:
        min_seconds = min_share * duration_seconds
    return parse_span(start_seconds, end_seconds, duration_seconds, min_seconds)


def clean_query(text: str) -> str:
    """Close up white space and take the full stops off both ends, as in the training data.

    Example:
        >>> clean_query("..He  waves. ")
        'He waves'
    """
    return clean_question(text).strip(".").strip()


def clean_question(text: str) -> str:
    """Close up white space."""
    return re.sub(r"\s+", " ", text).strip()


def scaled_spans(
    boundaries: ArrayLike, duration_seconds: float, rounding_seconds: float = ROUNDING_SECONDS
) -> NDArray[np.float32]:
    """Turn the timestamp decoder's shares of a clip into seconds.

    Args:
        boundaries: ``(N, 2)`` or wider, start and end first; may lie outside ``[0, 1]``.
        duration_seconds: Of the clip.
        rounding_seconds: The seconds are multiples of it, halves to even, so that the last may lie
            half of it behind the clip's end; ``parse_span`` clamps.

    Returns:
        ``(N, 2)`` seconds, starts first.

    Raises:
        ModelOutputError: A boundary is NaN or infinite.

    Source:
        ``eval/infer_auto.py`` of VideoMind, in single precision as there. Where several rows are
        reversed the reference mixes them; here each is put in order by itself.
    """
    shares = np.asarray(boundaries, dtype=np.float32)[:, :2]
    if not np.isfinite(shares).all():
        raise ModelOutputError(
            "the grounder gave spans that are not numbers; load the model in bfloat16 or float32"
        )
    duration, unit = np.float32(duration_seconds), np.float32(rounding_seconds)
    seconds = np.rint(np.clip(shares * duration, 0, duration) / unit) * unit
    return np.sort(seconds, axis=1).astype(np.float32)


@dataclass(frozen=True, slots=True)
class FallbackSpans:
    """Where to look when the grounder named no place.

    Attributes:
        spans: None of them rests on anything seen; their confidence is 0.
        fallback: What is said of them.
    """

    spans: tuple[TimeSpan, ...]
    fallback: Fallback


def fallback_spans(duration_seconds: float, *, is_verified: bool) -> FallbackSpans:
    """Cover a clip for which the grounder emitted no timestamp.

    Args:
        duration_seconds: Of the clip.
        is_verified: Whether a verifier chooses among them: then five overlapping thirds, else the
            whole clip.

    Source:
        ``eval/infer_auto.py`` of VideoMind, which does not mark them.
    """
    if not is_verified:
        reason = "the grounder named no moment; the whole window is taken"
        return FallbackSpans((TimeSpan(0.0, duration_seconds),), Fallback(Role.GROUNDER, reason))
    step = duration_seconds / (FALLBACK_WINDOWS + 1)
    spans = tuple(
        TimeSpan(number * step, min(duration_seconds, (number + 2) * step))
        for number in range(FALLBACK_WINDOWS)
    )
    reason = f"the grounder named no moment; {FALLBACK_WINDOWS} even parts of the window are tried"
    return FallbackSpans(spans, Fallback(Role.GROUNDER, reason))
