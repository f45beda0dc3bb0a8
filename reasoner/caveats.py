"""What an answer could not know."""

from collections.abc import Sequence

from store.records import Video
from store.unheard import PARTLY, unheard_reason

_MOST_NAMED = 3


def caveats_of(videos: Sequence[Video]) -> tuple[str, ...]:
    """Name the videos whose speech was not all heard, the first few with the reason.

    Args:
        videos: Those that the answer rests on, or where it abstains those that it could rest on.
    """
    unheard = [(video, unheard_reason(video)) for video in videos]
    unheard = [(video, reason) for video, reason in unheard if reason]
    named = [
        f"what is spoken in {video.title!r} is {_how_much(reason)}"
        for video, reason in unheard[:_MOST_NAMED]
    ]
    num_more = len(unheard) - len(named)
    if num_more:
        videos_more = "1 more video" if num_more == 1 else f"{num_more} more videos"
        named.append(f"what is spoken in {videos_more} is not all known; `cinedex list` marks them")
    return tuple(named)


def _how_much(reason: str) -> str:
    if reason.startswith(PARTLY):
        return f"only partly known: {reason.removeprefix(PARTLY)}"
    return f"not known: {reason}"
