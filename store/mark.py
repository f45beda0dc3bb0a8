"""A mark: what a person said of something that a search found.

Apart from ``store/marks.py``, which keeps them, because whoever reads or writes one needs no
database.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from store.records import Scope
from store.timespan import TimeSpan


class Verdict(StrEnum):
    """What was said."""

    RIGHT = "right"
    """The span satisfies the query."""
    WRONG = "wrong"
    """The span does not satisfy it."""
    ABSENT = "absent"
    """Nothing in scope satisfies it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One verdict on one query.

    Video and span name it for good: the video's id is its content's, so that a mark outlives
    another index of its video, and the video's removal too.

    Attributes:
        query: As typed, filters and all.
        scope: What was allowed beside the query's own filters.
        video_id: Full id; ``None`` where the verdict is that nothing is there.
        span: Likewise.
        marked_at: With its time zone.
        shown: The moment that was looked at, where ``span`` is what it should have been.

    Raises:
        ValueError: The query is empty, the verdict does not go with the video and the span, or the
            span has no length.
    """

    query: str
    scope: Scope
    verdict: Verdict
    marked_at: datetime
    video_id: str | None = None
    span: TimeSpan | None = None
    shown: TimeSpan | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        if not self.query.strip():
            raise ValueError("a mark needs the query that it is about")
        has_place = (self.video_id is not None, self.span is not None)
        if has_place != (self.verdict is not Verdict.ABSENT,) * 2:
            raise ValueError("right and wrong are said of a video's span, absent of none")
        if self.span is not None and self.span.start_milliseconds >= self.span.end_milliseconds:
            raise ValueError(f"a span that is marked ends after it starts, got {self.span}")
        if self.marked_at.tzinfo is None:
            raise ValueError("the time of a mark needs its time zone")

    @property
    def asked(self) -> "Asked":
        """The query where it was asked."""
        return self.query, self.scope

    @property
    def subject(self) -> "Subject":
        """What the verdict is on: one subject has one verdict."""
        if self.span is None:
            return *self.asked, self.video_id, None
        bounds = self.span.start_milliseconds, self.span.end_milliseconds
        return *self.asked, self.video_id, bounds


Asked = tuple[str, Scope]
Subject = tuple[str, Scope, str | None, tuple[int, int] | None]
