"""What every measure of spans asks of its input."""

from collections.abc import Sequence

from store.timespan import TimeSpan


def check_truths(truths: Sequence[TimeSpan], *thresholds: float) -> None:
    """Refuse what cannot be scored.

    Raises:
        ValueError: No true span, or a threshold outside ``(0, 1]``.
    """
    if not truths:
        raise ValueError("the query has no true span; leave it out of measures of spans")
    for threshold in thresholds:
        if not 0 < threshold <= 1:
            raise ValueError(f"a threshold must lie in (0, 1], got {threshold}")
