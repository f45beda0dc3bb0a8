"""A plan's limits as the scope of a search.

Apart from the chain because resolving "the last episode" needs the library's list of videos.
"""

from collections.abc import Sequence
from dataclasses import replace

from reasoner.answer import Plan
from retriever.narrowing import NarrowedScope
from store.records import Scope, Video


def scope_of(plan: Plan, scope: Scope, videos: Sequence[Video]) -> NarrowedScope:
    """Narrow a caller's scope by a plan's limits.

    Args:
        plan: Its time range, season, episode and "last episode" count.
        scope: What the caller allows; a plan never widens it.
        videos: Every video of the library.
    """
    inside = [video for video in videos if allows(scope, video)]
    if plan.last_episode or plan.season is not None or plan.episode is not None:
        inside = _of_episode(plan, inside)
        if not inside:
            return NarrowedScope(
                replace(scope, video_ids=()), f"no video is {_episode_words(plan)}"
            )
        scope = replace(scope, video_ids=tuple(video.video_id for video in inside))
    if plan.within is None:
        return NarrowedScope(scope)
    start = max(plan.within.start_seconds, scope.within.start_seconds if scope.within else 0.0)
    end = min(plan.within.end_seconds, scope.within.end_seconds if scope.within else float("inf"))
    if start >= end or all(video.duration_seconds <= start for video in inside):
        return NarrowedScope(
            replace(scope, video_ids=()), f"no video has footage from second {start:g} on"
        )
    return NarrowedScope(
        replace(scope, within=replace(plan.within, start_seconds=start, end_seconds=end))
    )


def allows(scope: Scope, video: Video) -> bool:
    """Say whether a scope holds a video, whatever it says of the evidence in it."""
    return (
        (scope.video_ids is None or video.video_id in scope.video_ids)
        and (scope.series is None or (video.series or "").lower() == scope.series.lower())
        and (scope.season is None or video.season == scope.season)
        and _allows_episode(scope, video)
    )


def _allows_episode(scope: Scope, video: Video) -> bool:
    first, last = scope.from_episode, scope.up_to_episode
    if first is None and last is None:
        return True
    if video.season is None or video.episode is None:
        return False
    number = (video.season, video.episode)
    return (first is None or first <= number) and (last is None or number <= last)


def _of_episode(plan: Plan, videos: Sequence[Video]) -> list[Video]:
    chosen = [
        video
        for video in videos
        if (plan.season is None or video.season == plan.season)
        and (plan.episode is None or video.episode == plan.episode)
    ]
    return _last_of_each_series(chosen) if plan.last_episode else chosen


def _last_of_each_series(videos: Sequence[Video]) -> list[Video]:
    last: dict[str | None, Video] = {}
    for video in videos:
        if video.episode is None:
            continue
        known = last.get(video.series)
        if known is None or _number(video) > _number(known):
            last[video.series] = video
    return list(last.values())


def _number(video: Video) -> tuple[int, int]:
    return (video.season or 0, video.episode or 0)


def _episode_words(plan: Plan) -> str:
    if plan.last_episode:
        return "numbered as an episode"
    parts = [
        f"{name} {number}"
        for name, number in (("season", plan.season), ("episode", plan.episode))
        if number is not None
    ]
    return " ".join(parts)
