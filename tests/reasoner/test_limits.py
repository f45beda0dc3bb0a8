import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoner.limits import OPEN_END_SECONDS, read_limits, seconds_of
from store.timespan import TimeSpan


@pytest.mark.parametrize(
    ("question", "left", "start", "end"),
    [
        ("Who speaks between 1:05 and 1:20?", "Who speaks?", 65, 80),
        ("Who speaks between 1:20 and 1:05?", "Who speaks?", 65, 80),
        ("Who sings from 1:00:00 to 1:00:30?", "Who sings?", 3600, 3630),
        ("In the first two minutes, what is sold?", "What is sold?", 0, 120),
        ("What is sold in the first minute?", "What is sold?", 0, 60),
        ("What happens after 3 minutes?", "What happens?", 180, OPEN_END_SECONDS),
        ("Before 0:40, who comes in?", "Who comes in?", 0, 40),
        ("What is seen from the start to 0:30?", "What is seen?", 0, 30),
    ],
)
def test_time_limits_are_read_and_taken_out(question, left, start, end):
    limits = read_limits(question)
    assert limits.question == left
    assert limits.within == TimeSpan(float(start), float(end))


@pytest.mark.parametrize(
    ("question", "season", "episode"),
    [
        ("Who dies in season 2?", 2, None),
        ("Who dies in S02E05?", 2, 5),
        ("Who dies in episode 3?", None, 3),
        ("Who dies in episode three of season two?", 2, 3),
        ("Who dies in season 1, episode 4?", 1, 4),
    ],
)
def test_episode_limits_are_read_and_taken_out(question, season, episode):
    limits = read_limits(question)
    assert (limits.season, limits.episode) == (season, episode)
    assert limits.question == "Who dies?"


def test_the_last_episode_is_a_limit():
    limits = read_limits("Where do they meet in the last episode?")
    assert limits.last_episode
    assert limits.question == "Where do they meet?"


@pytest.mark.parametrize(
    "question",
    [
        "Which train leaves at 5:30?",
        "What did he do after three minutes in the oven?",
        "Who is the first woman in space?",
        "What did she do after the war?",
        "Is the season 2024 mentioned, or between us?",
    ],
)
def test_words_that_are_no_limit_stay(question):
    limits = read_limits(question)
    assert limits.question == question
    assert limits.within is None


def test_two_limits_hold_together():
    limits = read_limits("After 0:30 and before 1:00, who speaks in episode 2?")
    assert limits.within == TimeSpan(30.0, 60.0)
    assert limits.episode == 2


def test_seconds_of_amounts_and_clocks():
    assert seconds_of("half an hour") == 1800
    assert seconds_of("two minutes") == 120
    assert seconds_of("1:02:03") == 3723
    assert seconds_of("the start") == 0


@given(st.text(max_size=80))
def test_any_text_is_read_without_an_error(text):
    limits = read_limits(text)
    assert limits.within is None or limits.within.duration_seconds >= 0


@given(st.integers(0, 99), st.integers(0, 59), st.integers(0, 99), st.integers(0, 59))
def test_every_pair_of_clock_times_becomes_an_ordered_span(minute, second, other, third):
    limits = read_limits(f"Who speaks between {minute}:{second:02} and {other}:{third:02}?")
    ends = sorted((minute * 60 + second, other * 60 + third))
    assert limits.within == TimeSpan(float(ends[0]), float(ends[1]))
    assert limits.question == "Who speaks?"
