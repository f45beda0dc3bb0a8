"""SMPTE timecode: counting frames as hours, minutes, seconds and frames, exactly.

Source: SMPTE ST 12-1. At 29.97 and 59.94 frames a second, drop-frame timecode leaves out numbers
(never frames) so that it keeps up with the clock on the wall.
"""

import re
from fractions import Fraction

_PATTERN = re.compile(r"(\d{1,2}):(\d\d):(\d\d)([:;.,])(\d{2,3})")
_DROP_MARKS = ";.,"
# Real rates are whole ones, or those over 1.001.
_DROP_RATES = (30, 60)
_DAY_HOURS = 24


class TimecodeError(ValueError):
    """The text is no timecode at that frame rate, or the rate has none."""


def nominal_rate(frame_rate: Fraction) -> int:
    """Return how many frames a timecode second has.

    Example:
        >>> nominal_rate(Fraction(24000, 1001)), nominal_rate(Fraction(25))
        (24, 25)
    """
    nominal = round(frame_rate)
    if nominal < 1:
        raise TimecodeError(f"{frame_rate} frames a second cannot be counted by timecode")
    return nominal


def is_drop_frame(timecode: str) -> bool:
    """Say whether the mark before the frames is that of drop-frame timecode."""
    return any(mark in timecode for mark in _DROP_MARKS)


def frames_of(timecode: str, frame_rate: Fraction) -> int:
    """Return how many frames after ``00:00:00:00`` a timecode stands.

    Raises:
        TimecodeError: No timecode, or one that does not occur at this rate: a frame too many, or a
            number that drop-frame timecode leaves out.

    Example:
        >>> frames_of("01:00:00;00", Fraction(30000, 1001))
        107892
    """
    parts = _PATTERN.fullmatch(timecode.strip())
    if parts is None:
        raise TimecodeError(f"{timecode!r} is no timecode; write it as 01:00:00:00")
    hours, minutes, seconds, frames = (int(parts[group]) for group in (1, 2, 3, 5))
    nominal = nominal_rate(frame_rate)
    if hours >= _DAY_HOURS or max(minutes, seconds) >= 60 or frames >= nominal:
        raise TimecodeError(f"{timecode} does not occur at {nominal} frames a second")
    all_minutes = hours * 60 + minutes
    number = (all_minutes * 60 + seconds) * nominal + frames
    if not is_drop_frame(timecode):
        return number
    num_dropped = _num_dropped(frame_rate)
    if seconds == 0 and minutes % 10 and frames < num_dropped:
        raise TimecodeError(f"{timecode} is left out by drop-frame timecode")
    return number - num_dropped * (all_minutes - all_minutes // 10)


def timecode_of(num_frames: int, frame_rate: Fraction, *, is_drop: bool = False) -> str:
    """Write the timecode that stands so many frames after ``00:00:00:00``, round the clock.

    Raises:
        TimecodeError: Drop-frame timecode at a rate that has none.

    Example:
        >>> timecode_of(1800, Fraction(30000, 1001), is_drop=True)
        '00:01:00;02'
    """
    nominal = nominal_rate(frame_rate)
    num_frames %= _DAY_HOURS * _frames_of_hour(frame_rate, is_drop)
    if is_drop:
        num_dropped = _num_dropped(frame_rate)
        tens, rest = divmod(num_frames, 600 * nominal - 9 * num_dropped)
        # The first minute of ten is whole.
        late = max(0, rest - num_dropped) // (60 * nominal - num_dropped)
        num_frames += num_dropped * (9 * tens + late)
    all_seconds, frames = divmod(num_frames, nominal)
    all_minutes, seconds = divmod(all_seconds, 60)
    hours, minutes = divmod(all_minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{';' if is_drop else ':'}{frames:02d}"


def normal_timecode(stated: str, frame_rate: Fraction | None) -> str | None:
    """Return a timecode as this project writes it; ``None`` for what is none.

    Args:
        stated: As a container carries it; drop-frame may be marked ``;``, ``.`` or ``,``.
        frame_rate: Of the picture; ``None`` where unknown, and then only the form is looked at.

    Example:
        >>> normal_timecode("1:00:00.02", Fraction(30000, 1001)), normal_timecode("noon", None)
        ('01:00:00;02', None)
    """
    if frame_rate is None:
        parts = _PATTERN.fullmatch(stated.strip())
        return stated.strip() if parts else None
    try:
        num_frames = frames_of(stated, frame_rate)
    except TimecodeError:
        return None
    return timecode_of(num_frames, frame_rate, is_drop=is_drop_frame(stated))


def _num_dropped(frame_rate: Fraction) -> int:
    nominal = nominal_rate(frame_rate)
    if nominal not in _DROP_RATES or frame_rate == nominal:
        raise TimecodeError(f"{frame_rate} frames a second have no drop-frame timecode")
    return nominal // 15


def _frames_of_hour(frame_rate: Fraction, is_drop: bool) -> int:
    return 3600 * nominal_rate(frame_rate) - (54 * _num_dropped(frame_rate) if is_drop else 0)
