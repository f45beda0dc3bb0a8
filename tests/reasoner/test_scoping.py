from dataclasses import replace

from reasoner.limits import OPEN_END_SECONDS
from reasoner.scoping import scope_of
from store.records import Scope, Video
from store.timespan import TimeSpan
from tests.reasoner.timeline import plan_for


def episode(name: str, season: int | None, number: int | None, series: str = "Fog") -> Video:
    return Video(name, (name,), name, 100.0, 1, series=series, season=season, episode=number)


VIDEOS = [episode("a", 1, 1), episode("b", 1, 2), episode("c", 2, 1), episode("d", None, None)]


def test_an_episode_limit_names_its_videos():
    plan = replace(plan_for("q"), season=1, episode=2)
    assert scope_of(plan, Scope(), VIDEOS).scope.video_ids == ("b",)


def test_the_last_episode_is_the_highest_number_inside_what_the_caller_allows():
    plan = replace(plan_for("q"), last_episode=True)
    assert scope_of(plan, Scope(), VIDEOS).scope.video_ids == ("c",)
    assert scope_of(plan, Scope(up_to_episode=(1, 2)), VIDEOS).scope.video_ids == ("b",)
    assert scope_of(plan, Scope(season=1), VIDEOS).scope.video_ids == ("b",)


def test_episodes_from_one_on_and_a_series_in_any_case_are_the_callers():
    plan = replace(plan_for("q"), last_episode=True)
    assert scope_of(plan, Scope(from_episode=(2, 2)), VIDEOS).scope.video_ids == ()
    assert scope_of(plan, Scope(from_episode=(1, 2)), VIDEOS).scope.video_ids == ("c",)
    scope = Scope(from_episode=(1, 2), up_to_episode=(1, 9), series="FOG")
    assert scope_of(plan, scope, VIDEOS).scope.video_ids == ("b",)


def test_every_series_has_a_last_episode():
    videos = [*VIDEOS, episode("e", 9, 9, series="Rain")]
    plan = replace(plan_for("q"), last_episode=True)
    assert scope_of(plan, Scope(), videos).scope.video_ids == ("c", "e")


def test_an_episode_nobody_has_leaves_nothing_and_says_so():
    place = scope_of(replace(plan_for("q"), season=7), Scope(), VIDEOS)
    assert place.scope.video_ids == ()
    assert "season 7" in place.emptied_by


def test_time_limits_of_plan_and_caller_are_intersected():
    plan = replace(plan_for("q"), within=TimeSpan(30.0, OPEN_END_SECONDS))
    place = scope_of(plan, Scope(within=TimeSpan(0.0, 50.0)), VIDEOS)
    assert place.scope.within == TimeSpan(30.0, 50.0)


def test_a_limit_behind_every_video_leaves_nothing():
    plan = replace(plan_for("q"), within=TimeSpan(100.0, OPEN_END_SECONDS))
    assert "100" in scope_of(plan, Scope(), VIDEOS).emptied_by


def test_a_plan_without_limits_leaves_the_scope_alone():
    scope = Scope(language="en", within=TimeSpan(1.0, 2.0))
    assert scope_of(plan_for("q"), scope, VIDEOS).scope == scope
