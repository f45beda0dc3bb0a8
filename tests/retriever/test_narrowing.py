from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.narrowing import narrowed
from store.records import EvidenceKind, Scope
from store.timespan import TimeSpan

SPEECH, TAG, MUSIC = EvidenceKind.SPEECH, EvidenceKind.TAG, EvidenceKind.MUSIC


def test_what_each_allows_is_kept():
    both = narrowed(
        Scope(video_ids=("a", "b"), kinds=(SPEECH, TAG), within=TimeSpan(0, 60), series="Show"),
        Scope(video_ids=("b", "c"), kinds=(TAG,), within=TimeSpan(30, 90), series="show"),
        Scope(from_episode=(1, 3), up_to_episode=(2, 9), phrases=("red door",)),
        Scope(from_episode=(1, 1), up_to_episode=(2, 4), phrases=("red door",), without=("car",)),
    )
    assert both.emptied_by == ""
    assert both.scope == Scope(
        video_ids=("b",),
        kinds=(TAG,),
        within=TimeSpan(30, 60),
        series="Show",
        from_episode=(1, 3),
        up_to_episode=(2, 4),
        phrases=("red door",),
        without=("car",),
    )


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        (Scope(video_ids=("a",)), Scope(video_ids=("b",)), "different videos are wanted at once"),
        (
            Scope(kinds=(SPEECH,)),
            Scope(kinds=(TAG, MUSIC)),
            "no evidence is both speech and tag or music",
        ),
        (Scope(series="A"), Scope(series="B"), "a video has one series, and A and B are wanted"),
        (Scope(season=1), Scope(season=2), "a video has one season, and 1 and 2 are wanted"),
        (Scope(speaker="Jon"), Scope(speaker="Ann"), "a line has one speaker, and Jon and Ann"),
        (
            Scope(within=TimeSpan(0, 60)),
            Scope(within=TimeSpan(90, 1e6)),
            "no time is after second 90 and before second 60",
        ),
        (
            Scope(from_episode=(2, 6)),
            Scope(up_to_episode=(2, 3)),
            "no episode comes after S02E05 and before S02E04",
        ),
        (
            Scope(from_episode=(3, 0)),
            Scope(up_to_episode=(3, -1)),
            "no episode comes after S02 and before S03",
        ),
        (Scope(season=2), Scope(up_to_episode=(2, -1)), "season 2 does not come before S02"),
        (Scope(from_episode=(2, 6)), Scope(season=1), "season 1 does not come after S02E05"),
        (
            Scope(phrases=("the Red door",)),
            Scope(without=("red door",)),
            "\"the Red door\" is wanted and 'red door' is not",
        ),
    ],
)
def test_a_contradiction_leaves_no_video_and_says_why(first, second, reason):
    for place in (narrowed(first, second), narrowed(first, Scope(), second, Scope(season=9))):
        assert place.emptied_by.startswith(reason)
        assert place.scope.video_ids == ()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Scope(season=2), Scope(up_to_episode=(2, 0), from_episode=(2, 0))),
        (Scope(phrases=("red doors",)), Scope(without=("door", "red d"))),
        (Scope(speaker="JON"), Scope(speaker="jon")),
        (Scope(from_episode=(2, 5)), Scope(up_to_episode=(2, 5))),
    ],
)
def test_what_can_be_is_no_contradiction(first, second):
    assert narrowed(first, second).emptied_by == ""


def test_a_callers_empty_choice_stays_empty_without_a_reason():
    place = narrowed(Scope(video_ids=()), Scope(video_ids=("a",)))
    assert (place.scope.video_ids, place.emptied_by) == ((), "")


SPANS = st.tuples(st.integers(0, 9), st.integers(1, 9)).map(
    lambda at: TimeSpan(at[0], at[0] + at[1])
)
EPISODES = st.none() | st.tuples(st.integers(0, 3), st.integers(0, 3))
SCOPES = st.builds(
    Scope,
    video_ids=st.none() | st.lists(st.sampled_from("abc"), unique=True).map(tuple),
    within=st.none() | SPANS,
    season=st.none() | st.integers(0, 3),
    from_episode=EPISODES,
    up_to_episode=EPISODES,
)


@given(SCOPES, SCOPES)
def test_the_order_does_not_matter(first, second):
    one, other = narrowed(first, second), narrowed(second, first)
    assert bool(one.emptied_by) == bool(other.emptied_by)
    if not one.emptied_by:
        assert set(one.scope.video_ids or ()) == set(other.scope.video_ids or ())
        assert replace(one.scope, video_ids=None) == replace(other.scope, video_ids=None)
        assert narrowed(first).scope == first
