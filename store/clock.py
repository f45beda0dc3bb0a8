"""Times as people read them: instants of a film, and how long something takes."""


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


def duration_text(seconds: float) -> str:
    """Write how long something takes in its two largest units, rounded to seconds.

    Example:
        >>> duration_text(12.4), duration_text(250), duration_text(7384)
        ('12 s', '4 min 10 s', '2 h 3 min')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    if minutes:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{rest} s"
