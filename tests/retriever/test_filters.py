import pytest

from retriever.filters import read_filter, scope_of
from store.errors import QueryError, UnknownNameError
from store.records import EvidenceKind, Scope, Video
from store.timespan import TimeSpan


def find_video(name):
    if name not in ("a", "b"):
        raise UnknownNameError(f"no video {name!r}")
    return Video(name * 32, (f"/{name}.mp4",), name, 9.0, 1)


def scope(*given):
    return scope_of([read_filter(field, value) for field, value in given], find_video)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("series", "The Show", Scope(series="The Show")),
        ("season", "02", Scope(season=2)),
        ("speaker", "Anna", Scope(speaker="Anna")),
        ("kind", "Screen_Text", Scope(kinds=(EvidenceKind.SCREEN_TEXT,))),
        ("before", "S02E05", Scope(up_to_episode=(2, 4))),
        ("before", "s2", Scope(up_to_episode=(2, -1))),
        ("after", "s02.e05", Scope(from_episode=(2, 6))),
        ("after", "S02", Scope(from_episode=(3, 0))),
        ("before", "00:20:00", Scope(within=TimeSpan(0, 1200))),
        ("after", "75.5", Scope(within=TimeSpan(75.5, 1e6))),
    ],
)
def test_each_field_is_a_limit(field, value, expected):
    assert scope((field, value)).scope == expected


@pytest.mark.parametrize("value", ["two", "-1", "", "²", "1.5"])
def test_a_season_is_a_number(value):
    with pytest.raises(QueryError, match="is no season"):
        read_filter("season", value)


def test_videos_and_kinds_are_alternatives():
    found = scope(("video", "a"), ("kind", "speech"), ("video", "b"), ("kind", "tag")).scope
    assert found.video_ids == ("a" * 32, "b" * 32)
    assert found.kinds == (EvidenceKind.SPEECH, EvidenceKind.TAG)


def test_everything_else_adds_up():
    found = scope(("after", "60"), ("before", "120"), ("after", "90"), ("before", "S03")).scope
    assert found == Scope(within=TimeSpan(90, 120), up_to_episode=(3, -1))


def test_a_video_that_is_not_there_is_named():
    with pytest.raises(UnknownNameError, match="'c'"):
        scope(("video", "c"))


def test_no_filters_are_everything():
    assert scope().scope == Scope()
