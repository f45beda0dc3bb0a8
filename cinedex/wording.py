"""How times and sources are written for people, in the terminal and on a page."""

from store.clock import timecode as timecode
from store.timespan import TimeSpan


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
