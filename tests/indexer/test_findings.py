"""Findings become evidence: numbered per kind in time order, placed in the clip that holds most of
them."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from indexer.findings import Finding, place_findings
from store.records import Clip, EvidenceKind
from store.timespan import TimeSpan

VIDEO = "ab" * 16
CLIPS = (Clip(VIDEO, 0, TimeSpan(0, 10)), Clip(VIDEO, 1, TimeSpan(10, 20)))


def speech(start: float, end: float, text: str) -> Finding:
    return Finding(EvidenceKind.SPEECH, TimeSpan(start, end), text, "test")


def test_numbers_each_kind_in_time_order():
    tag = Finding(EvidenceKind.TAG, TimeSpan(0, 5), "cat", "test")
    placed = place_findings(VIDEO, [speech(12, 14, "second"), tag, speech(1, 3, "first")], CLIPS)
    assert [(found.evidence_id, found.text) for found in placed] == [
        ("abababababab/tag/0", "cat"),
        ("abababababab/speech/0", "first"),
        ("abababababab/speech/1", "second"),
    ]


def test_a_finding_across_a_border_belongs_where_most_of_it_lies():
    (placed,) = place_findings(VIDEO, [speech(9, 13, "across")], CLIPS)
    assert placed.clip_ordinal == 1


def test_an_instant_and_what_lies_past_the_end_belong_to_the_nearest_clip():
    instant, late = place_findings(VIDEO, [speech(4, 4, "now"), speech(25, 26, "late")], CLIPS)
    assert (instant.clip_ordinal, late.clip_ordinal) == (0, 1)


@given(
    edges=st.lists(st.integers(1, 40), min_size=1, max_size=8, unique=True),
    start=st.integers(0, 50),
    length=st.integers(0, 30),
)
def test_the_clip_is_that_of_a_search_through_all_of_them(edges, start, length):
    bounds = [0, *sorted(edges)]
    clips = [Clip(VIDEO, n, TimeSpan(*pair)) for n, pair in enumerate(pairwise(bounds))]
    span = TimeSpan(start, start + length)
    (placed,) = place_findings(VIDEO, [speech(start, start + length, "here")], clips)
    best = max(clips, key=lambda it: (it.span.shared_seconds(span), -it.span.gap_seconds(span)))
    assert placed.clip_ordinal == best.ordinal
