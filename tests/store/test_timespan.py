import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.timespan import TimeSpan

EXACT = 1e-9  # a few roundings of doubles below 10^5


@st.composite
def spans(draw):
    start, end = sorted(draw(st.tuples(*[st.integers(0, 50_000)] * 2)))
    return TimeSpan.from_milliseconds(start, end)


def test_values_worked_out_by_hand():
    a, b, c = TimeSpan(2, 6), TimeSpan(4, 8), TimeSpan(6, 7)
    assert (a.shared_seconds(b), a.gap_seconds(b), a.overlaps(b)) == (2, 0, True)
    assert (a.shared_seconds(c), a.gap_seconds(c), a.overlaps(c)) == (0, 0, False)
    assert a.gap_seconds(TimeSpan(9, 10)) == 3
    assert a.iou(b) == 2 / 6
    assert a.hull(TimeSpan(9, 10)) == TimeSpan(2, 10)
    assert (a.middle_seconds, a.duration_seconds) == (4, 4)
    assert [a.contains(instant) for instant in (1.9, 2, 5.9, 6)] == [False, True, True, False]
    assert a.widened(3, limit_seconds=8) == TimeSpan(0, 8)
    assert a.widened(1, limit_seconds=5) == TimeSpan(1, 6)  # it never shrinks
    assert TimeSpan(1, 1).iou(TimeSpan(1, 1)) == 0


@pytest.mark.parametrize(
    "bounds", [(-1, 2), (3, 2), (math.nan, 2), (0, math.inf), (-math.inf, 0), (0, math.nan)]
)
def test_bounds_that_are_no_span_are_refused(bounds):
    with pytest.raises(ValueError, match="span"):
        TimeSpan(*bounds)


@given(spans(), spans())
def test_comparisons_are_symmetric_and_bounded(a, b):
    assert a.iou(b) == b.iou(a)
    assert 0 <= a.iou(b) <= 1
    assert a.shared_seconds(b) == b.shared_seconds(a) <= min(a.duration_seconds, b.duration_seconds)
    assert a.shared_seconds(b) == 0 or a.gap_seconds(b) == 0
    hull = a.hull(b)
    covered = a.duration_seconds + b.duration_seconds - a.shared_seconds(b) + a.gap_seconds(b)
    assert hull.duration_seconds == pytest.approx(covered, abs=EXACT)


@given(st.integers(0, 10**10), st.integers(0, 10**10))
def test_milliseconds_survive_seconds(start, length):
    span = TimeSpan.from_milliseconds(start, start + length)
    assert (span.start_milliseconds, span.end_milliseconds) == (start, start + length)
