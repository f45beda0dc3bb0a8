"""How times, scopes and sources are written for people, in the terminal and on a page."""

from typing import Any

from retriever.filters import END_OF_TIME_SECONDS
from store.records import SHORT_ID_CHARACTERS, Scope
from store.scope_values import scope_values
from store.timespan import TimeSpan


def timecode(seconds: float) -> str:
    """Write an instant as people read it, to a tenth of a second.

    Example:
        >>> timecode(59.96), timecode(3725.04)
        ('1:00.0', '1:02:05.0')
    """
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    clock = f"{rest // 10:02d}.{rest % 10}"
    return f"{hours}:{minutes:02d}:{clock}" if hours else f"{minutes}:{clock}"


def span_text(span: TimeSpan) -> str:
    """Write a span, with a dash between its bounds."""
    return f"{timecode(span.start_seconds)}\u2013{timecode(span.end_seconds)}"


def short_source(source: str) -> str:
    """Leave out the revisions, which ``--json`` keeps.

    Example:
        >>> short_source("text:all-MiniLM-L6-v2@53aa5117")
        'text:all-MiniLM-L6-v2'
    """
    return source.split("@", 1)[0]


def scope_text(scope: Scope) -> str:
    """Write the limits of a scope; empty where there are none.

    Example:
        >>> scope_text(Scope(series="The Show", up_to_episode=(2, 4), within=TimeSpan(75.0, 1e6)))
        'within 1:15.0 to the end; series The Show; up to S02E04'
        >>> scope_text(Scope(up_to_episode=(2, -1), without=("toy", "red car")))
        'before S02; without toy, red car'
    """
    return "; ".join(_limit_text(name, value) for name, value in scope_values(scope).items())


def _limit_text(name: str, value: Any) -> str:
    if name == "within":
        end = value["end_seconds"]
        until = "the end" if end >= END_OF_TIME_SECONDS else timecode(end)
        return f"within {timecode(value['start_seconds'])} to {until}"
    if name in ("up_to_episode", "from_episode"):
        return _episode_text(name == "up_to_episode", *value)
    if name == "video_ids":
        value = [video_id[:SHORT_ID_CHARACTERS] for video_id in value]
    listed = ", ".join(value) if isinstance(value, list) else value
    return f"{name.replace('_', ' ')} {listed}"


def _episode_text(is_last: bool, season: int, episode: int) -> str:
    whole = f"S{season:02d}"
    if episode < 0 or (episode == 0 and not is_last):
        return f"{'before' if is_last else 'from'} {whole}"
    return f"{'up to' if is_last else 'from'} {whole}E{episode:02d}"
