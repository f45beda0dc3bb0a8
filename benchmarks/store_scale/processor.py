"""How long a thread stood in line for a processor: time that is no search's own."""

from pathlib import Path

_SCHEDULED = Path("/proc/thread-self/schedstat")
_NANOSECONDS_PER_SECOND = 1e9


def queued_seconds() -> float:
    """Give the time that this thread was ready to run and did not; 0 where Linux does not say."""
    try:
        return int(_SCHEDULED.read_text().split()[1]) / _NANOSECONDS_PER_SECOND
    except (OSError, ValueError, IndexError):
        return 0.0
