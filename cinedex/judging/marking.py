"""A mark as a person states it, checked before it is kept."""

from datetime import UTC, datetime

from reasoner.scoping import allows
from retriever.search_plan import plan_search
from store.errors import QueryError
from store.mark import Mark, Verdict
from store.reader import Reader
from store.records import Scope, Video
from store.timespan import TimeSpan

# Of a container's duration, which is rounded, and of a last frame that has no end.
SLACK_SECONDS = 1.0
MICROSECONDS_PER_MILLISECOND = 1000


def mark_of(
    store: Reader,
    query: str,
    verdict: Verdict | str,
    *,
    video: str | None = None,
    span: TimeSpan | tuple[float, float] | None = None,
    scope: Scope | None = None,
    shown: TimeSpan | None = None,
    note: str | None = None,
) -> Mark:
    """Make a mark of what was said, now.

    Args:
        store: Knows the videos.
        query: In the query language.
        verdict: ``right``, ``wrong`` or ``absent``.
        video: Id, the beginning of an id, path or title; none for ``absent``.
        span: In seconds; none for ``absent``.
        scope: What was allowed beside the query's filters; ``None`` for the whole library.
        shown: The moment that was looked at, where ``span`` is what it should have been.
        note: In words.

    Raises:
        QueryError: The query cannot be searched, the verdict does not go with the rest, the span
            is none of the video, or the query does not look into it.
        UnknownNameError: No such video.
    """
    asked, beside = query.strip(), scope or Scope()
    if not asked:
        raise QueryError("the query is empty; say what was searched for")
    said = _verdict(verdict)
    plan = plan_search(asked, beside, store.video)
    if plan.emptied_by:
        raise QueryError(f"nothing can be right or absent where {plan.emptied_by}")
    given = None if span is None else _span(span)
    if (video is None, given is None) != (said is Verdict.ABSENT,) * 2:
        raise QueryError(
            f"{said} needs a video and a span"
            if said is not Verdict.ABSENT
            else "absent is said of the whole scope; leave out the video and the span"
        )
    found = None if video is None else store.video(video)
    if found is not None and given is not None:
        _require_inside(found, given)
        if not allows(plan.scope, found):
            raise QueryError(
                f"{found.title!r} is not among the videos that this query looks at; leave out "
                "filters, or judge another video"
            )
    return Mark(
        query=asked,
        scope=beside,
        verdict=said,
        marked_at=_now(),
        video_id=None if found is None else found.video_id,
        span=given,
        shown=None if shown == given else shown,
        note=note,
    )


def _verdict(said: Verdict | str) -> Verdict:
    known = [verdict.value for verdict in Verdict]
    if said not in known:
        raise QueryError(f"no verdict {said!r}; there are {', '.join(known)}")
    return Verdict(said)


def _span(bounds: TimeSpan | tuple[float, float]) -> TimeSpan:
    start, end = (
        (bounds.start_seconds, bounds.end_seconds) if isinstance(bounds, TimeSpan) else bounds
    )
    try:
        span = TimeSpan(start, end)
    except ValueError as error:
        raise QueryError(f"{error}; give its start and its end in seconds") from error
    if span.start_milliseconds == span.end_milliseconds:
        raise QueryError(f"a span ends after it starts, got {start:g} to {end:g} seconds")
    return TimeSpan.from_milliseconds(span.start_milliseconds, span.end_milliseconds)


def _require_inside(video: Video, span: TimeSpan) -> None:
    if span.end_seconds > video.duration_seconds + SLACK_SECONDS:
        raise QueryError(
            f"{video.title!r} ends at second {video.duration_seconds:g}, before the span "
            f"{span.start_seconds:g} to {span.end_seconds:g}; give times in seconds from its start"
        )


def _now() -> datetime:
    """Tell the time to the millisecond, which is how finely it is kept."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * MICROSECONDS_PER_MILLISECOND)
