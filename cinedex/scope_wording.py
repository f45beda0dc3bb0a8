"""How the limits of a scope are written for people.

Apart from ``cinedex/wording.py``, which every command imports and which loads nothing.
"""

from typing import Any

from cinedex.wording import timecode
from retriever.filters import END_OF_TIME_SECONDS
from store.records import SHORT_ID_CHARACTERS, Scope
from store.scope_values import scope_values


def scope_text(scope: Scope) -> str:
    """Write the limits of a scope; empty where there are none.

    Example:
        >>> scope_text(Scope(series="The Show", up_to_episode=(2, 4)))
        'series The Show; up to S02E04'
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
