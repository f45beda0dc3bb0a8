from reasoner.options import ChainOptions
from reasoner.windows import windows_of
from store.timespan import TimeSpan
from tests.reasoner.timeline import LINES, FakeLibrary, moment


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
