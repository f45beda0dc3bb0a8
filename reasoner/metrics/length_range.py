"""Short, middle and long: the ranges of length that QVHighlights reports apart."""

from collections.abc import Sequence
from dataclasses import dataclass

from store.timespan import TimeSpan


@dataclass(frozen=True, slots=True)
class LengthRange:
    """Lengths in ``(above_seconds, up_to_seconds]``."""

    above_seconds: float
    up_to_seconds: float

    def keep(self, truths: Sequence[TimeSpan]) -> list[TimeSpan]:
        """Return the true spans of such a length; a query without any is left out of the range.

        Predictions stay as they are, whatever their length.

        Source:
            ``get_data_by_range`` of moment_detr.
        """
        return [
            truth
            for truth in truths
            if self.above_seconds < truth.duration_seconds <= self.up_to_seconds
        ]


LENGTH_RANGES = {
    "short": LengthRange(0, 10),
    "middle": LengthRange(10, 30),
    "long": LengthRange(30, 150),
}
"""As QVHighlights has them, where no video is longer than 150 s; "full" keeps every span.

UniVTG and VideoMind leave the last one open, for longer videos.
"""
