import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoner.answer import Role
from reasoner.videomind.spans import (
    ANSWER_SECONDS,
    ROUNDING_SECONDS,
    answer_span,
    clean_query,
    clean_question,
    fallback_spans,
    parse_span,
    scaled_spans,
)
from store.errors import ModelOutputError
from store.timespan import TimeSpan

TOLERANCE = 1e-6  # of a float in the geometry tables


def bounds(span):
    return (span.start_seconds, span.end_seconds)


def test_spans_are_parsed_as_the_reference_does(geometry):
    for start, end, duration, min_seconds, *expected in geometry["parse_span"]["rows"]:
        parsed = bounds(parse_span(start, end, duration, min_seconds))
        assert parsed == pytest.approx(tuple(expected), abs=TOLERANCE)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((20, 10, 100), (10, 20)),
        ((-5, 200, 100), (0, 100)),
        ((10, 11, 100, 32), (0, 32)),
        ((10, 11, 20, 32), (0, 20)),
        ((3, 4.5, 100, 2), (2.75, 4.75)),
    ],
)
def test_spans_parsed_by_hand(arguments, expected):
    assert bounds(parse_span(*arguments)) == expected


any_seconds = st.floats(-1e5, 1e5)


@given(any_seconds, any_seconds, st.floats(0.0, 1e5), st.floats(0.0, 1e5))
def test_a_parsed_span_lies_in_the_clip_and_is_long_enough(start, end, duration, min_seconds):
    span = parse_span(start, end, duration, min_seconds)
    assert 0 <= span.start_seconds <= span.end_seconds <= duration
    assert span.duration_seconds >= min(min_seconds, duration) - 1e-9 * (1 + duration)


def test_a_bound_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="finite"):
        parse_span(math.nan, 1.0, 10.0)


def test_answer_spans_are_the_reference_s(geometry):
    for row in geometry["answer_span"]:
        own = row["cls_attrs"]
        span = answer_span(
            *row["selected"],
            row["duration"],
            min_seconds=own.get("MIN_LEN", ANSWER_SECONDS),
            min_share=own.get("MIN_RATIO"),
        )
        assert bounds(span) == pytest.approx(tuple(row["span"]), abs=TOLERANCE)


def test_queries_and_questions_are_cleaned_as_the_reference_cleans_them(geometry):
    for text, cleaned in geometry["parse_query"]:
        assert clean_query(text) == cleaned
    for text, cleaned in geometry["parse_question"]:
        assert clean_question(text) == cleaned


def test_the_decoder_s_shares_become_the_reference_s_seconds(geometry):
    table = geometry["grounder_postprocess"]
    for row in table["rows"]:
        unit = row["unit"] or table["default_unit"]
        ours = scaled_spans(row["blob"], row["duration"], unit)
        theirs = np.array(row["pred"])
        reversed_rows = [start > end for start, end, _ in row["blob"]]
        if sum(reversed_rows) > 1:  # the reference mixes these rows' bounds
            ours, theirs = (spans[~np.array(reversed_rows)] for spans in (ours, theirs))
        # The table's tolerance.
        np.testing.assert_allclose(ours, theirs, rtol=np.finfo(np.float32).eps, atol=0)


def test_reversed_rows_are_each_put_in_order():
    spans = scaled_spans([[0.5, 0.2, 0.9], [0.4, 0.1, 0.8]], 10.0)
    np.testing.assert_allclose(spans, [[2.0, 5.0], [1.0, 4.0]], atol=ROUNDING_SECONDS)


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_shares_that_are_no_numbers_are_refused(wrong):
    with pytest.raises(ModelOutputError, match="bfloat16"):
        scaled_spans([[0.1, wrong, 0.5]], 10.0)


def test_fallbacks_are_the_reference_s_and_say_what_they_are(geometry):
    for row in geometry["grounder_fallback"]:
        made_up = fallback_spans(row["duration"], is_verified=row["verifier"])
        ours = np.array([bounds(span) for span in made_up.spans])
        np.testing.assert_allclose(ours, row["pred"], atol=TOLERANCE)
        assert made_up.fallback.role is Role.GROUNDER
        assert "named no moment" in made_up.fallback.reason


@given(st.floats(0.0, 1e5))
def test_fallbacks_lie_in_the_clip_and_cover_it(duration):
    spans = fallback_spans(duration, is_verified=True).spans
    assert all(span.end_seconds <= duration for span in spans)
    assert (spans[0].start_seconds, spans[-1].end_seconds) == (0.0, pytest.approx(duration))
    assert fallback_spans(duration, is_verified=False).spans == (TimeSpan(0.0, duration),)
