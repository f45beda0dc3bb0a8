"""A stretch of time in one video, and how two of them compare.

Apart from the records because every room computes with spans and most need nothing else.
"""

import math
from dataclasses import dataclass
from typing import Self

MILLISECONDS_PER_SECOND = 1000


@dataclass(frozen=True, slots=True, order=True)
class TimeSpan:
    """Half-open ``[start_seconds, end_seconds)``, from the video's first presentation time on.

    Raises:
        ValueError: A bound is not finite or is negative, or the span ends before it starts.

    Example:
        >>> TimeSpan(2.0, 6.0).iou(TimeSpan(4.0, 8.0))
        0.3333333333333333
    """

    start_seconds: float
    end_seconds: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.start_seconds) and math.isfinite(self.end_seconds)):
            raise ValueError(f"span bounds must be finite, got {self}")
        if not 0 <= self.start_seconds <= self.end_seconds:
            raise ValueError(
                f"a span starts at 0 or later and ends at or after its start, got {self}"
            )

    @classmethod
    def from_milliseconds(cls, start: int, end: int) -> Self:
        """Read a span as the catalogue stores it."""
        return cls(start / MILLISECONDS_PER_SECOND, end / MILLISECONDS_PER_SECOND)

    @property
    def start_milliseconds(self) -> int:
        """Start, rounded to the nearest millisecond."""
        return round(self.start_seconds * MILLISECONDS_PER_SECOND)

    @property
    def end_milliseconds(self) -> int:
        """End, rounded to the nearest millisecond."""
        return round(self.end_seconds * MILLISECONDS_PER_SECOND)

    @property
    def duration_seconds(self) -> float:
        """Length; 0 for an empty span."""
        return self.end_seconds - self.start_seconds

    @property
    def middle_seconds(self) -> float:
        """The instant half-way between the bounds."""
        return (self.start_seconds + self.end_seconds) / 2

    def contains(self, instant_seconds: float) -> bool:
        """Say whether an instant lies inside; the end does not."""
        return self.start_seconds <= instant_seconds < self.end_seconds

    def shared_seconds(self, other: "TimeSpan") -> float:
        """Measure the overlap with another span; 0 when they only touch."""
        shared = min(self.end_seconds, other.end_seconds) - max(
            self.start_seconds, other.start_seconds
        )
        return max(0.0, shared)

    def overlaps(self, other: "TimeSpan") -> bool:
        """Say whether some instant lies in both."""
        return self.shared_seconds(other) > 0

    def gap_seconds(self, other: "TimeSpan") -> float:
        """Measure the time between two spans; 0 when they touch or overlap."""
        gap = max(self.start_seconds, other.start_seconds) - min(
            self.end_seconds, other.end_seconds
        )
        return max(0.0, gap)

    def iou(self, other: "TimeSpan") -> float:
        """Divide intersection by union; 0 when both are empty."""
        shared = self.shared_seconds(other)
        union = self.duration_seconds + other.duration_seconds - shared
        return shared / union if union > 0 else 0.0

    def hull(self, other: "TimeSpan") -> "TimeSpan":
        """Return the smallest span that holds both."""
        return TimeSpan(
            min(self.start_seconds, other.start_seconds), max(self.end_seconds, other.end_seconds)
        )

    def widened(self, margin_seconds: float, *, limit_seconds: float) -> "TimeSpan":
        """Move both bounds outwards, staying inside ``[0, limit_seconds)``."""
        return TimeSpan(
            max(0.0, self.start_seconds - margin_seconds),
            max(self.end_seconds, min(limit_seconds, self.end_seconds + margin_seconds)),
        )
