import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.moments import (
    fit_span,
    grow_span,
    is_suppressed,
    keep_to_subject,
    overlap_share,
)
from retriever.options import SearchOptions, SourceKind
from retriever.source import Source, SourceHits
from store.records import Clip, Evidence, EvidenceKind, Hit
from store.timespan import TimeSpan

TEXT = Source("text:fake", SourceKind.TEXT)
PICTURES = Source("picture:fake", SourceKind.PICTURE)
# Ten clips of 8 s: [0, 8), [8, 16) ...
CLIPS = tuple(Clip("v", number, TimeSpan(8.0 * number, 8.0 * number + 8)) for number in range(10))

spans = st.tuples(st.floats(0, 79), st.floats(0, 20)).map(
    lambda pair: TimeSpan(pair[0], min(80.0, pair[0] + pair[1]))
)


def said(start, end, score, video_id="v"):
    ordinal = min(int(start // 8), 9)
    evidence = Evidence(
        video_id,
        EvidenceKind.SPEECH,
        int(start * 1000),
        ordinal,
        TimeSpan(start, end),
        "words",
        "fake",
    )
    clip = Clip(video_id, ordinal, CLIPS[ordinal].span)
    return Hit(clip, TimeSpan(start, end), score, evidence)


def seen(start, end, score):
    return Hit(CLIPS[int(start // 8)], TimeSpan(start, end), score)


def grown(anchor, *others, source=TEXT, options=None):
    hits = tuple(sorted((anchor, *others), key=lambda hit: -hit.score))
    return grow_span(
        anchor, [SourceHits(source, hits)], options or SearchOptions(text_neighbour_ratio=0.8)
    )


def clips_under(span):
    return tuple(clip for clip in CLIPS if clip.span.overlaps(span))


def test_a_sentence_alone_is_its_own_span():
    assert grown(said(9, 12, 0.9)) == TimeSpan(9, 12)


def test_a_neighbour_that_matches_nearly_as_well_joins_across_the_border_of_the_clip():
    assert grown(said(13, 15.8, 0.9), said(16.2, 19, 0.8)) == TimeSpan(13, 19)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(said(12.5, 15, 0.6), id="matches much less"),
        pytest.param(said(14, 15, 0.9), id="comes after a long silence"),
        pytest.param(said(12, 15, 0.9, video_id="w"), id="is in another video"),
    ],
)
def test_a_neighbour_stays_out_when_it(other):
    assert grown(said(9, 12, 0.9), other) == TimeSpan(9, 12)


def test_a_chain_of_neighbours_joins_and_stops_at_the_longest_moment():
    anchor = said(9, 12, 0.9)
    others = [said(12, 15, 0.8), said(15, 18, 0.8), said(18, 21, 0.8)]
    assert grown(anchor, *others) == TimeSpan(9, 21)
    assert grown(
        anchor, *others, options=SearchOptions(max_seconds=9.0, text_neighbour_ratio=0.8)
    ) == TimeSpan(9, 18)


def test_a_source_that_did_not_find_the_anchor_has_no_say():
    results = [
        SourceHits(TEXT, (said(9, 12, 0.9),)),
        SourceHits(PICTURES, (seen(12, 14, 0.9), seen(14, 15, 0.9))),
    ]
    assert grow_span(results[0].hits[0], results, SearchOptions()) == TimeSpan(9, 12)


def test_a_run_of_pictures_that_fills_half_a_clip_is_the_clip():
    span = grown(seen(9, 11, 0.30), seen(11, 13, 0.29), seen(14, 16, 0.1), source=PICTURES)
    assert span == TimeSpan(9, 13)
    half = SearchOptions(whole_clip_share=0.5)
    assert fit_span(span, SourceKind.PICTURE, clips_under(span), half) == TimeSpan(8, 16)


def test_a_short_run_of_pictures_stays_short():
    span = TimeSpan(9, 12)
    fitted = fit_span(
        span, SourceKind.PICTURE, clips_under(span), SearchOptions(whole_clip_share=0.5)
    )
    assert fitted == span


def test_text_gets_air_but_not_beyond_its_clips():
    options = SearchOptions(padding_seconds=0.5, whole_clip_share=1.0)
    assert fit_span(TimeSpan(10, 13), SourceKind.TEXT, CLIPS[1:2], options) == TimeSpan(9.5, 13.5)
    assert fit_span(TimeSpan(8.2, 15.8), SourceKind.TEXT, CLIPS[1:2], options) == TimeSpan(8, 16)


def test_what_is_too_short_to_watch_is_widened_about_its_middle_or_pushed_inside():
    options = SearchOptions(min_seconds=3.0, padding_seconds=0.0)
    assert fit_span(TimeSpan(11, 12), SourceKind.TEXT, CLIPS[1:2], options) == TimeSpan(10, 13)
    assert fit_span(TimeSpan(15, 16), SourceKind.TEXT, CLIPS[1:2], options) == TimeSpan(13, 16)
    assert fit_span(TimeSpan(8, 8.1), SourceKind.TEXT, CLIPS[1:2], options) == TimeSpan(8, 11)


PASSAGE = [said(8.2, 9, 0.5), said(9.4, 11, 0.6), said(11.2, 12, 0.45), said(12.1, 13, 0.6)]


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        pytest.param(SearchOptions(subject_ratio=0.7), TimeSpan(8.2, 13), id="one subject"),
        pytest.param(
            SearchOptions(subject_ratio=0.8), TimeSpan(8.2, 11), id="what is behind another"
        ),
        pytest.param(SearchOptions(subject_ratio=0.9), TimeSpan(9.4, 11), id="the sentence alone"),
        pytest.param(
            SearchOptions(subject_ratio=0.7, breath_seconds=0.3), TimeSpan(9.4, 13), id="a pause"
        ),
        pytest.param(
            SearchOptions(subject_ratio=0.7, max_seconds=3.0), TimeSpan(9.4, 12), id="too long"
        ),
    ],
)
def test_a_passage_ends_with(options, kept):
    assert keep_to_subject(TimeSpan(9.4, 11), PASSAGE, options) == kept


def test_a_sentence_that_no_space_scored_stands_alone():
    assert keep_to_subject(TimeSpan(9.4, 11), [], SearchOptions()) == TimeSpan(9.4, 11)
    nothing_near = [said(8.2, 9, 0.0), said(9.4, 11, -0.1)]
    assert keep_to_subject(TimeSpan(9.4, 11), nothing_near, SearchOptions()) == TimeSpan(9.4, 11)


def test_pictures_of_a_long_shot_join_its_clips_when_they_are_much_alike():
    alike, unlike = seen(16, 20, 0.25), seen(16, 20, 0.2)
    options = SearchOptions(picture_join_ratio=0.75, join_gap_seconds=1.0)
    anchor = seen(12, 16, 0.3)
    assert grown(anchor, alike, source=PICTURES, options=options) == TimeSpan(12, 20)
    assert grown(anchor, unlike, source=PICTURES, options=options) == TimeSpan(12, 16)


def test_overlap_is_measured_on_the_shorter_span():
    assert overlap_share(TimeSpan(0, 10), TimeSpan(8, 12)) == 0.5
    assert overlap_share(TimeSpan(0, 10), TimeSpan(3, 4)) == 1
    assert overlap_share(TimeSpan(0, 10), TimeSpan(3, 3)) == 0


def test_a_repeat_is_suppressed_and_a_neighbour_is_not():
    options = SearchOptions(max_overlap=0.5)
    assert is_suppressed(TimeSpan(8, 12), [TimeSpan(20, 30), TimeSpan(9, 13)], options)
    assert not is_suppressed(TimeSpan(8, 12), [TimeSpan(10, 14), TimeSpan(12, 20)], options)


@given(spans, st.sampled_from(SourceKind), st.floats(0, 5), st.floats(0, 10), st.floats(0, 1))
def test_a_fitted_span_stays_inside_the_clips_and_is_long_enough(
    span, kind, padding, shortest, share
):
    clips = clips_under(span) or CLIPS[-1:]
    options = SearchOptions(padding_seconds=padding, min_seconds=shortest, whole_clip_share=share)
    fitted = fit_span(span, kind, clips, options)
    hull = clips[0].span.hull(clips[-1].span)
    assert hull.start_seconds <= fitted.start_seconds <= fitted.end_seconds <= hull.end_seconds
    # Sums of a few floats below 100: off by less than a microsecond.
    assert fitted.duration_seconds >= min(shortest, hull.duration_seconds) - 1e-6


@given(spans, spans)
def test_overlap_share_bounds_the_iou(first, second):
    assert first.iou(second) <= overlap_share(first, second) + 1e-9
