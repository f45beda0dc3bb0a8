"""How times and sources are written for people, in the terminal and on a page."""

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
