"""Placing decoded frames on one strictly increasing clock, whatever their timestamps say."""

from fractions import Fraction

# A jump further than this past the stated end is a broken timestamp, not a pause.
MAX_OVERSHOOT_SECONDS = 10.0
# What differs by less is the same instant, computed in two ways.
_LEAST_STEP_SECONDS = 1e-6


class FrameClock:
    """Gives every frame a presentation time in seconds, later than the one before.

    A frame without a timestamp, or with one that does not increase, follows its predecessor by the
    usual interval; a clock that was set back (files joined end to end) therefore runs on instead of
    repeating itself. Where presentation timestamps go wrong more often than decoding timestamps do
    (AVI has none and has to guess), the latter are read.

    Args:
        origin_seconds: Container time that is called 0.
        interval_seconds: Usual distance between frames.
        stated_duration_seconds: What the container claims; ``None`` where it claims nothing.
    """

    def __init__(
        self,
        origin_seconds: Fraction,
        interval_seconds: float,
        stated_duration_seconds: float | None,
    ) -> None:
        self._origin_seconds = origin_seconds
        self._interval_seconds = interval_seconds
        self._limit_seconds = (
            float("inf")
            if stated_duration_seconds is None
            else stated_duration_seconds + MAX_OVERSHOOT_SECONDS
        )
        self._last_seconds: float | None = None
        self._presentation = _StampHistory()
        self._decoding = _StampHistory()

    def place(self, pts: int | None, dts: int | None, time_base: Fraction | None) -> float:
        """Return the next frame's time in seconds, at least 0."""
        self._presentation.note(pts)
        self._decoding.note(dts)
        is_pts_worse = self._presentation.num_faults > self._decoding.num_faults
        stamp = dts if pts is None or (is_pts_worse and dts is not None) else pts
        stated = (
            None
            if stamp is None or not time_base
            else float(stamp * time_base - self._origin_seconds)
        )
        if self._last_seconds is None:
            self._last_seconds = max(0.0, stated or 0.0)
        elif (
            stated is None
            or stated < self._last_seconds + _LEAST_STEP_SECONDS
            or self._is_broken(stated)
        ):
            self._last_seconds += self._interval_seconds
        else:
            self._last_seconds = stated
        return self._last_seconds

    def _is_broken(self, stated_seconds: float) -> bool:
        last = self._last_seconds or 0.0
        return stated_seconds > max(self._limit_seconds, last + MAX_OVERSHOOT_SECONDS)


class _StampHistory:
    """Counts how often one kind of timestamp did not increase."""

    def __init__(self) -> None:
        self.num_faults = 0
        self._last: int | None = None

    def note(self, stamp: int | None) -> None:
        if stamp is None:
            return
        self.num_faults += self._last is not None and stamp <= self._last
        self._last = stamp
