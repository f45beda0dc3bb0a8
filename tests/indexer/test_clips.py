import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.clips import ClipOptions, cut_clips
from indexer.interfaces import Cut
from store.timespan import TimeSpan

OPTIONS = ClipOptions()
# Clip bounds are sums of floats; a microsecond is far below what a video can show.
SLACK_SECONDS = 1e-5


def bounds(clips):
    return [(clip.start_seconds, clip.end_seconds) for clip in clips]


def hard_cuts(*instants):
    return [Cut(instant, 1.0) for instant in instants]


def test_a_video_shorter_than_two_clips_is_one_clip():
    assert bounds(cut_clips(7.9, hard_cuts(3, 5), [], OPTIONS)) == [(0, 7.9)]


def test_a_video_without_length_is_one_empty_clip():
    assert bounds(cut_clips(0.0, [], [], OPTIONS)) == [(0, 0)]


def test_shots_of_good_length_are_the_clips():
    clips = cut_clips(30.0, hard_cuts(7.2, 15.0, 22.6), [], OPTIONS)
    assert bounds(clips) == [(0, 7.2), (7.2, 15.0), (15.0, 22.6), (22.6, 30.0)]


def test_very_short_shots_are_merged_at_a_cut():
    clips = cut_clips(12.0, hard_cuts(1.1, 2.3, 3.1, 6.2, 7.7, 9.9), [], OPTIONS)
    assert bounds(clips) == [(0, 6.2), (6.2, 12.0)]


def test_a_long_take_is_split_at_the_end_of_a_sentence():
    sentences = [TimeSpan(1, 11.3), TimeSpan(11.3, 23.8)]
    assert bounds(cut_clips(24.0, [], sentences, OPTIONS)) == [(0, 11.3), (11.3, 24.0)]


def test_a_long_silent_take_is_split_evenly():
    lengths = [clip.duration_seconds for clip in cut_clips(60.0, [], [], OPTIONS)]
    assert max(lengths) - min(lengths) <= 1.0
    assert len(lengths) in range(4, 7)


def test_a_shot_cut_inside_a_sentence_is_left_for_the_pause():
    clips = cut_clips(20.0, hard_cuts(10.0), [TimeSpan(2, 12.5)], OPTIONS)
    assert bounds(clips)[0][1] >= 12.5


def test_a_sentence_longer_than_a_clip_is_cut_at_the_shot():
    clips = cut_clips(40.0, hard_cuts(19.0), [TimeSpan(0, 40)], OPTIONS)
    assert bounds(clips) == [(0, 19.0), (19.0, 40.0)]


def test_a_sure_cut_is_preferred_to_an_unsure_one():
    clips = cut_clips(20.0, [Cut(9.0, 0.2), Cut(11.0, 0.9)], [], OPTIONS)
    assert bounds(clips) == [(0, 11.0), (11.0, 20.0)]


def test_cuts_outside_the_video_and_empty_sentences_count_for_nothing():
    clips = cut_clips(16.0, hard_cuts(0, 8, 16, 99), [TimeSpan(8, 8), TimeSpan(50, 60)], OPTIONS)
    assert bounds(clips) == [(0, 8.0), (8.0, 16.0)]


@pytest.mark.parametrize("duration", [-1.0, math.nan, math.inf])
def test_a_senseless_duration_is_refused(duration):
    with pytest.raises(ValueError, match="duration"):
        cut_clips(duration, [], [], OPTIONS)


@pytest.mark.parametrize(
    "lengths", [(0, 30, 10), (4, 7, 5), (4, 30, 3), (4, 30, 31), (4, math.inf, 10)]
)
def test_options_that_no_video_could_meet_are_refused(lengths):
    with pytest.raises(ValueError, match=r"min_seconds|target"):
        ClipOptions(*lengths)


def test_a_three_hour_film_of_two_second_shots_keeps_the_bounds():
    duration = 3 * 3600.0
    instants = [2.0 * shot + (shot % 7) / 10 for shot in range(1, 5390)]
    sentences = [TimeSpan(start, start + 5.5) for start in range(0, 10_790, 6)]
    clips = cut_clips(duration, hard_cuts(*instants), sentences, OPTIONS)
    assert clips[-1].end_seconds == duration
    assert all(4 - SLACK_SECONDS <= clip.duration_seconds <= 30 + SLACK_SECONDS for clip in clips)
    assert not any(_breaks(clip.end_seconds, sentences) for clip in clips[:-1])


times = st.floats(0, 120, allow_nan=False)
spans = st.builds(lambda start, length: TimeSpan(start, start + length), times, st.floats(0, 40))


@given(
    duration=st.floats(0, 200),
    cuts=st.lists(st.builds(Cut, times, st.floats(0, 1)), max_size=30),
    sentences=st.lists(spans, max_size=20),
    min_seconds=st.floats(0.3, 6),
    ratio=st.floats(2, 8),
)
def test_clips_cover_the_video_in_order_and_keep_their_bounds(
    duration, cuts, sentences, min_seconds, ratio
):
    options = ClipOptions(min_seconds, min_seconds * ratio, min_seconds * 1.5)
    clips = cut_clips(duration, cuts, sentences, options)
    assert clips[0].start_seconds == 0
    assert clips[-1].end_seconds == duration
    assert all(a.end_seconds == b.start_seconds for a, b in pairwise(clips))
    for clip in clips:
        assert clip.duration_seconds <= options.max_seconds + SLACK_SECONDS
        assert len(clips) == 1 or clip.duration_seconds >= options.min_seconds - SLACK_SECONDS


whole_seconds = st.integers(0, 90)
whole_spans = st.builds(
    lambda start, length: TimeSpan(float(start), float(start + length)),
    whole_seconds,
    st.integers(0, 35),
)


@given(
    duration=st.integers(8, 90),
    cuts=st.lists(whole_seconds, max_size=12),
    sentences=st.lists(whole_spans, max_size=10),
)
def test_no_sentence_is_cut_where_some_division_cuts_none(duration, cuts, sentences):
    clips = cut_clips(float(duration), hard_cuts(*cuts), sentences, OPTIONS)
    is_broken = any(_breaks(clip.end_seconds, sentences) for clip in clips[:-1])
    assert not (is_broken and _can_be_divided_between_sentences(duration, sentences))


def _breaks(seconds, sentences):
    return any(span.start_seconds < seconds < span.end_seconds for span in sentences)


def _can_be_divided_between_sentences(duration, sentences):
    """Walk over whole seconds: where all marks are whole, so is some division if any exists."""
    reached = {0}
    for end in range(4, duration + 1):
        if end < duration and _breaks(end, sentences):
            continue
        if any(start in reached for start in range(max(0, end - 30), end - 3)):
            reached.add(end)
    return duration in reached
