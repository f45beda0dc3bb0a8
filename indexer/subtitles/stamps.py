"""A time as SubRip, WebVTT and SubStation write it."""

import re

_STAMP = re.compile(r"(-?)(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3})\d{0,6})?")


def stamp_seconds(stamp: str) -> float | None:
    """Read a time to the millisecond; ``None`` where it is none.

    Example:
        >>> stamp_seconds("1:02:03.45"), stamp_seconds("-00:01,5"), stamp_seconds("soon")
        (3723.45, -1.5, None)
    """
    match = _STAMP.fullmatch(stamp)
    if match is None:
        return None
    sign, hours, minutes, seconds, fraction = (part or "0" for part in match.groups())
    whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    magnitude = whole + int(fraction.ljust(3, "0")) / 1000
    return -magnitude if sign == "-" else magnitude
