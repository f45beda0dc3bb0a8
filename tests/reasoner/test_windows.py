import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoner.options import ChainOptions
from reasoner.windows import windows_of
from store.timespan import TimeSpan
from tests.reasoner.timeline import LINES, FakeLibrary, moment

ROUNDING_SECONDS = 1e-9
"""Of a bound that is a sum of others."""


def margin(seconds):
    return ChainOptions(window_margin_seconds=seconds)


def test_a_moment_is_widened_inside_its_video():
    (window,) = windows_of([moment(2.0, 6.0)], FakeLibrary(), margin(8.0), None)
    assert window.span == TimeSpan(0.0, 14.0)
    assert window.evidence == LINES[:2]


def test_windows_that_overlap_after_widening_become_one_with_the_better_score():
    moments = [moment(0.0, 5.0, 2.0, LINES[:1]), moment(12.0, 16.0, 1.0, LINES[1:2])]
    (window,) = windows_of(moments, FakeLibrary(), margin(4.0), None)
    assert window.span == TimeSpan(0.0, 20.0)
    assert window.moment_score == 2.0
    assert window.matched_ids == (LINES[0].evidence_id, LINES[1].evidence_id)


def test_a_late_moment_can_join_two_windows():
    moments = [moment(0.0, 4.0), moment(8.0, 12.0), moment(3.0, 9.0)]
    (window,) = windows_of(moments, FakeLibrary(), margin(0.0), None)
    assert window.span == TimeSpan(0.0, 12.0)


def test_windows_far_apart_stay_apart_best_first():
    windows = windows_of(
        [moment(60.0, 64.0, 1.0), moment(30.0, 36.0, 3.0)], FakeLibrary(), margin(1.0), None
    )
    assert [w.span.start_seconds for w in windows] == [29.0, 59.0]


def test_a_time_limit_bounds_the_window_and_its_evidence():
    limit = TimeSpan(4.0, 10.0)
    (window,) = windows_of([moment(5.0, 9.0)], FakeLibrary(), margin(8.0), limit)
    assert window.span == limit
    assert window.evidence == LINES[1:2]


def test_a_short_video_is_taken_whole():
    options = ChainOptions(window_margin_seconds=1.0, whole_video_seconds=150.0)
    seen = moment(2.0, 6.0)
    (window,) = windows_of([seen, moment(60.0, 64.0)], FakeLibrary(), options, None)
    assert window.span == TimeSpan(0.0, seen.video.duration_seconds)


def capped(seconds, margin_seconds=0.0):
    return ChainOptions(window_margin_seconds=margin_seconds, max_window_seconds=seconds)


def test_windows_that_would_be_too_long_together_overlap_instead():
    moments = [moment(0.0, 12.0, 3.0), moment(10.0, 22.0, 2.0), moment(20.0, 26.0, 1.0)]
    first, second = windows_of(moments, FakeLibrary(), capped(20.0), None)
    assert (first.span, first.moment_score) == (TimeSpan(0.0, 12.0), 3.0)
    assert (second.span, second.moment_score) == (TimeSpan(10.0, 26.0), 2.0)


def test_a_moment_that_is_nearly_too_long_is_widened_less():
    (window,) = windows_of([moment(10.0, 28.0)], FakeLibrary(), capped(20.0, 8.0), None)
    assert window.span == TimeSpan(9.0, 29.0)


def test_a_moment_that_is_too_long_is_divided_and_nothing_of_it_lost():
    windows = windows_of([moment(10.0, 55.0, 2.0)], FakeLibrary(), capped(20.0, 8.0), None)
    assert [window.span for window in windows] == [
        TimeSpan(10.0, 25.0),
        TimeSpan(25.0, 40.0),
        TimeSpan(40.0, 55.0),
    ]
    assert [window.evidence for window in windows] == [(), LINES[2:3], ()]


bounds = st.tuples(st.floats(0.0, 100.0), st.floats(0.0, 100.0)).map(sorted)


@given(st.lists(bounds, max_size=6), st.floats(1.0, 150.0), st.floats(0.0, 20.0))
def test_no_window_is_too_long_and_all_that_was_retrieved_is_looked_at(found, most, margin_seconds):
    moments = [moment(*ends) for ends in found]
    windows = windows_of(moments, FakeLibrary(), capped(most, margin_seconds), None)
    assert all(window.span.duration_seconds <= most + ROUNDING_SECONDS for window in windows)
    for each in moments:
        left = each.span.start_seconds
        for span in sorted(window.span for window in windows):
            if span.start_seconds <= left:
                left = max(left, span.end_seconds)
        assert left >= each.span.end_seconds


def test_a_window_that_may_not_be_as_long_as_a_whole_video_is_refused():
    with pytest.raises(ValueError, match="no less than whole_video_seconds"):
        ChainOptions(whole_video_seconds=150.0, max_window_seconds=100.0)
