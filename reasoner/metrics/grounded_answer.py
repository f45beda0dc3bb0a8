"""An answer that was judged, and the spans it rests on."""

from dataclasses import dataclass

from store.timespan import TimeSpan


@dataclass(frozen=True, slots=True)
class GroundedAnswer:
    """What a question got.

    Attributes:
        is_right: Whether the answer was: the right option chosen, or judged so. Abstaining is not.
        spans: What it rests on, best first; may be empty.
    """

    is_right: bool
    spans: tuple[TimeSpan, ...]


NO_ANSWER = GroundedAnswer(is_right=False, spans=())
"""Stands for a question that was not answered."""
