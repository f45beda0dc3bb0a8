"""The marks on one query, together."""

from collections.abc import Iterable
from dataclasses import dataclass

from store.mark import Asked, Mark, Verdict
from store.records import Scope
from store.timespan import TimeSpan

HALF = 0.5


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query where it was asked, and all that was said of it.

    Attributes:
        query: As typed.
        scope: What was allowed beside its own filters.
        marks: Oldest first; may be empty.
    """

    query: str
    scope: Scope
    marks: tuple[Mark, ...] = ()

    @property
    def is_absent(self) -> bool:
        """Whether the verdict is that nothing in scope satisfies it."""
        return any(mark.verdict is Verdict.ABSENT for mark in self.marks)

    def spans(self, verdict: Verdict) -> dict[str, list[TimeSpan]]:
        """List the spans with this verdict by the ids of their videos, each in time order."""
        spans: dict[str, list[TimeSpan]] = {}
        for mark in self.marks:
            if mark.verdict is verdict and mark.video_id is not None and mark.span is not None:
                spans.setdefault(mark.video_id, []).append(mark.span)
        return {video_id: sorted(found) for video_id, found in spans.items()}

    def knows(self, video_id: str, span: TimeSpan) -> bool:
        """Say whether a moment was judged, or one that is much the same.

        One that was shown before, or a wrong span, covers a moment where it holds half of it. A
        right one does where half of the shorter lies in both, for edges are corrected inwards.
        """
        return any(_covers(mark, span) for mark in self.marks if mark.video_id == video_id)


def judged_queries(marks: Iterable[Mark]) -> list[JudgedQuery]:
    """Put the marks on each query together, in the order in which queries were marked first."""
    groups: dict[Asked, list[Mark]] = {}
    for mark in marks:
        groups.setdefault(mark.asked, []).append(mark)
    return [JudgedQuery(*asked, tuple(group)) for asked, group in groups.items()]


def _covers(mark: Mark, span: TimeSpan) -> bool:
    if mark.shown is not None and _holds_half(mark.shown, span):
        return True
    if mark.span is None:
        return False
    if mark.verdict is Verdict.RIGHT and _holds_half(span, mark.span):
        return True
    return _holds_half(mark.span, span)


def _holds_half(holder: TimeSpan, held: TimeSpan) -> bool:
    return holder.shared_seconds(held) >= HALF * held.duration_seconds
