"""SODA_c, the similarity that it may use, and the in-span score."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoner.metrics.in_span import NO_REPLIES, JudgedReplies, in_span_score
from reasoner.metrics.quirks import Quirk
from reasoner.metrics.soda_c import TimedCaption, soda_c
from reasoner.metrics.token_f1 import token_f1
from store.timespan import TimeSpan

NAN = float("nan")


def captions(*rows):
    return [TimedCaption(TimeSpan(start, end), text) for start, end, text in rows]


def same(text, other):
    return float(text == other)


def test_token_f1_counts_words_as_often_as_both_have_them():
    assert token_f1("B a b c", "B b b") == pytest.approx(2 * 2 / 7)
    assert token_f1("a", "b") == 0
    assert token_f1("", " ") == 0


def test_soda_is_the_f1_of_what_is_matched():
    truths = captions((0, 10, "a"), (10, 20, "b"), (20, 30, "c"), (30, 40, "d"))
    # IoU 1 and 1/2: precision 1.5 / 2, recall 1.5 / 4.
    found = captions((0, 10, "a"), (20, 25, "c"))
    assert soda_c(found, truths, same) == pytest.approx(2 * 0.75 * 0.375 / (0.75 + 0.375))
    assert soda_c(captions((0, 10, "b")), truths, same) == 0


def test_captions_in_another_order_than_time_are_sorted_but_in_copies_of_soda():
    truths = captions((20, 30, "b"), (0, 10, "a"))
    assert soda_c(truths, truths, same) == 1
    # As emitted only one of the two can be matched: precision and recall 1/2.
    assert soda_c(truths, truths, same, Quirk.EMISSION_ORDER) == 0.5


def test_no_caption_is_a_miss_and_no_true_one_an_error():
    truths = captions((0, 10, "a"))
    assert soda_c([], truths, same) == 0
    with pytest.raises(ValueError, match="no true caption"):
        soda_c(truths, [], same)


@pytest.mark.parametrize("value", [NAN, -0.1, 1.1])
def test_a_similarity_out_of_range_is_named(value):
    truths = captions((0, 10, "a"))
    with pytest.raises(ValueError, match=f"'a' and 'a' must lie in .* got {value}"):
        soda_c(truths, truths, lambda text, other: value)


def best_by_trying(found, truths):
    """The greatest sum over every pair of equally long subsequences."""
    return max(
        sum(
            caption.span.iou(truth.span) * token_f1(caption.text, truth.text)
            for caption, truth in zip(some, others, strict=True)
        )
        for size in range(min(len(found), len(truths)) + 1)
        for some in itertools.combinations(found, size)
        for others in itertools.combinations(truths, size)
    )


ROWS = st.tuples(st.integers(0, 9), st.integers(1, 6), st.sampled_from(["a", "a b", "b c", "c"]))
CAPTIONS = st.lists(
    ROWS.map(lambda row: TimedCaption(TimeSpan(row[0], row[0] + row[1]), row[2])),
    min_size=1,
    max_size=4,
)


@given(CAPTIONS, CAPTIONS)
def test_no_other_matching_in_order_is_worth_more(found, truths):
    in_order = [sorted(rows, key=lambda row: row.span.start_seconds) for rows in (found, truths)]
    best = best_by_trying(*in_order)
    # The F1 of S / P and S / G is 2 S / (P + G).
    expected = 2 * best / (len(found) + len(truths))
    assert soda_c(found, truths, token_f1) == pytest.approx(expected)


SPANS = [TimeSpan(0, 10), TimeSpan(20, 30)]


def test_in_span_counts_replies_at_both_ends_and_gives_1_without():
    replies = JudgedReplies([0, 10, 15, 31], [[5, 2, 5, 5], [5, 5, 5, 5]])
    # First answer (5 + 2) / 2; nothing came in the second's span.
    assert in_span_score(replies, SPANS) == (3.5 + 1) / 2
    assert in_span_score(NO_REPLIES, SPANS) == 1


def test_a_reply_without_a_time_counts_everywhere_only_in_mmduet():
    replies = JudgedReplies([-1.0], [[4], [2]])
    assert in_span_score(replies, SPANS, Quirk.UNTIMED_EVERYWHERE) == 3
    with pytest.raises(ValueError, match=r"time of a reply.* got -1"):
        in_span_score(replies, SPANS)


@pytest.mark.parametrize(
    ("seconds", "scores", "message"),
    [
        ([NAN], [[1], [1]], "time of a reply.* got nan"),
        ([-2.0], [[1], [1]], "time of a reply.* got -2"),
        ([1.0], [[1], [NAN]], "1 to 5, got nan"),
        ([1.0], [[0], [1]], "1 to 5, got 0"),
        ([1.0], [[6], [1]], "1 to 5, got 6"),
        ([1.0], [[1]], "do not go"),
        ([1.0, 2.0], [[1], [1]], "do not go"),
        ([], [[1], [1]], "do not go"),
    ],
)
def test_replies_that_mean_nothing_are_errors(seconds, scores, message):
    with pytest.raises(ValueError, match=message):
        in_span_score(JudgedReplies(seconds, scores), SPANS, Quirk.UNTIMED_EVERYWHERE)


def test_a_question_without_a_true_answer_is_an_error():
    with pytest.raises(ValueError, match="no true answer"):
        in_span_score(NO_REPLIES, [])
