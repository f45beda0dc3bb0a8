import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.findings import Finding
from indexer.gaps import gaps
from indexer.speech import SpeechMode, where_to_listen
from store.records import EvidenceKind
from store.timespan import TimeSpan


def subtitle(start, end, language=None, kind=EvidenceKind.SUBTITLE):
    return Finding(kind, TimeSpan(start, end), "x", "film.srt", language=language)


def test_a_gap_lies_between_cues_less_their_edges():
    cues = [TimeSpan(50, 90), TimeSpan(0, 10)]
    assert gaps(cues, 100.0) == [TimeSpan(11, 49)]


def test_the_ends_of_a_video_are_gaps_without_an_edge():
    assert gaps([TimeSpan(40, 100)], 140.0, 30.0) == [TimeSpan(0, 39), TimeSpan(101, 140)]


def test_a_time_as_long_as_the_limit_is_no_gap():
    cues = [TimeSpan(0, 60), TimeSpan(90, 150)]
    assert gaps(cues, 150.0, 30.0) == []
    assert gaps(cues, 150.0, 29.9) == [TimeSpan(61, 89)]


def test_a_long_cue_covers_the_short_ones_in_it():
    assert gaps([TimeSpan(0, 100), TimeSpan(10, 20)], 100.0) == []


def test_a_cue_past_the_end_does_not_make_the_video_longer():
    assert gaps([TimeSpan(0, 60), TimeSpan(110, 120)], 100.0) == [TimeSpan(61, 100)]


def test_forced_subtitles_leave_everything_else_to_be_heard():
    """Two signs 20 s apart in ten minutes: what is spoken between them is in no file."""
    cues = [TimeSpan(300, 302), TimeSpan(322, 324)]
    assert gaps(cues, 600.0) == [TimeSpan(0, 299), TimeSpan(303, 321), TimeSpan(325, 600)]


bounds = st.tuples(st.floats(0, 500), st.floats(0, 500)).map(sorted)


@given(st.lists(bounds, min_size=1), st.floats(1, 400))
def test_gaps_never_touch_a_cue(cues, duration_seconds):
    spans = [TimeSpan(*cue) for cue in cues]
    found = gaps(spans, duration_seconds)
    assert found == sorted(found)
    assert not any(gap.overlaps(span) for gap in found for span in spans)
    assert all(gap.end_seconds <= duration_seconds for gap in found)


FULL = [subtitle(0, 100, "en")]


@pytest.mark.parametrize(
    ("mode", "subtitles", "spoken", "expected"),
    [
        (SpeechMode.OFF, [], None, []),
        (SpeechMode.ALL, FULL, "en", None),
        (SpeechMode.GAPS, [], "en", None),
        (SpeechMode.GAPS, FULL, "en", []),
        (SpeechMode.GAPS, FULL, "eng", []),
        (SpeechMode.GAPS, FULL, "de", None),
        (SpeechMode.GAPS, FULL, None, []),
        (SpeechMode.GAPS, [subtitle(0, 100)], "de", []),
        (SpeechMode.GAPS, [subtitle(0, 100, kind=EvidenceKind.SOUND)], "en", None),
        (SpeechMode.GAPS, [subtitle(40, 100, "en")], "en", [TimeSpan(0, 39)]),
    ],
)
def test_where_to_listen(mode, subtitles, spoken, expected):
    assert where_to_listen(mode, subtitles, spoken, 100.0) == expected
