from functools import partial

import numpy as np
import pytest

from retriever.metrics.interval import bootstrap_interval, bootstrap_intervals
from retriever.metrics.ndcg import ndcg_at_k
from retriever.metrics.paired import paired_differences
from retriever.metrics.per_query import Omission, per_query
from retriever.metrics.recall import recall_at_k
from retriever.metrics.reciprocal_rank import reciprocal_rank
from retriever.metrics.right_clip import is_right_clip, right_clip_at_k
from retriever.metrics.success import success_at_k
from retriever.metrics.vcmr import VideoSpan, vcmr_recall_at_k
from store.timespan import TimeSpan

RANKING_MEASURES = [
    partial(recall_at_k, k=5),
    partial(success_at_k, k=5),
    reciprocal_rank,
    partial(reciprocal_rank, k=5),
]


def in_video(video_id, start, end):
    return VideoSpan(video_id, TimeSpan(start, end))


def test_recall_is_the_share_of_what_is_relevant():
    ranking = ["x", "a", "b", "y", "c"]
    assert [recall_at_k(ranking, {"a", "b", "c", "d"}, k) for k in (1, 2, 3, 9)] == [
        0,
        0.25,
        0.5,
        0.75,
    ]


def test_success_is_all_or_nothing():
    assert [success_at_k(["x", "a", "b"], {"a", "b"}, k) for k in (1, 2, 3)] == [0, 1, 1]


def test_reciprocal_rank_looks_as_far_as_it_is_told():
    assert reciprocal_rank(["x", "y", "a", "b"], {"a", "b"}) == pytest.approx(1 / 3)
    assert reciprocal_rank(["x", "y", "a", "b"], {"a", "b"}, k=2) == 0
    assert reciprocal_rank(["x", "y", "a", "b"], {"a", "b"}, k=3) == pytest.approx(1 / 3)


def test_ndcg_gains_are_linear_and_the_ideal_is_bounded_too():
    gains = {"a": 3, "b": 2, "c": 1}
    # DCG@2 of x, a: 3 / log2(3); of the ideal a, b: 3 + 2 / log2(3).
    expected = (3 / np.log2(3)) / (3 + 2 / np.log2(3))
    assert ndcg_at_k(["x", "a", "b"], gains, k=2) == pytest.approx(expected)
    assert ndcg_at_k(["a", "b", "c"], gains) == pytest.approx(1)
    # In the worst order: 1 + 2 / log2(3) + 3 / 2 of 3 + 2 / log2(3) + 1 / 2.
    worst = (1 + 2 / np.log2(3) + 1.5) / (3 + 2 / np.log2(3) + 0.5)
    assert ndcg_at_k(["c", "b", "a"], gains) == pytest.approx(worst)


def test_ndcg_counts_what_harms_as_nothing():
    assert ndcg_at_k(["bad", "a"], {"bad": -2, "a": 1}) == pytest.approx(1 / np.log2(3))


@pytest.mark.parametrize("measure", RANKING_MEASURES)
def test_a_ranking_that_is_empty_is_a_miss_and_one_that_cannot_be_scored_an_error(measure):
    assert measure([], {"a"}) == 0
    with pytest.raises(ValueError, match="nothing is relevant"):
        measure(["a"], set())
    with pytest.raises(ValueError, match="'b' is ranked twice"):
        measure(["a", "b", "c", "b"], {"a"})


@pytest.mark.parametrize("measure", [recall_at_k, success_at_k, reciprocal_rank])
def test_k_must_be_positive(measure):
    with pytest.raises(ValueError, match="k must be at least 1, got 0"):
        measure(["a"], {"a"}, k=0)


def test_ndcg_refuses_what_is_no_gain():
    assert ndcg_at_k([], {"a": 1}) == 0
    with pytest.raises(ValueError, match="gain of 'b' must be finite, got nan"):
        ndcg_at_k(["a"], {"a": 1, "b": float("nan")})
    with pytest.raises(ValueError, match="nothing is relevant"):
        ndcg_at_k(["a"], {"a": 0, "b": -1})
    with pytest.raises(ValueError, match="k must be"):
        ndcg_at_k(["a"], {"a": 1}, k=0)


def test_vcmr_asks_for_the_video_and_for_the_span():
    truths = [in_video("film", 10, 20), in_video("sequel", 0, 10)]
    found = [
        in_video("other", 10, 20),  # the span of another video
        in_video("film", 0, 14),  # 4 of 20 s
        in_video("sequel", 0, 5),  # 5 of 10 s
        in_video("film", 10, 20),
    ]
    assert [vcmr_recall_at_k(found, truths, k, iou=0.5) for k in (1, 2, 3, 4)] == [0, 0, 1, 1]
    assert [vcmr_recall_at_k(found, truths, k, iou=0.7) for k in (3, 4)] == [0, 1]
    assert vcmr_recall_at_k([], truths, 1, iou=0.5) == 0


@pytest.mark.parametrize(
    ("num_truths", "k", "iou"), [(0, 1, 0.5), (1, 0, 0.5), (1, 1, 0.0), (1, 1, float("nan"))]
)
def test_vcmr_refuses_what_means_nothing(num_truths, k, iou):
    with pytest.raises(ValueError, match="needs a true moment"):
        vcmr_recall_at_k([in_video("a", 0, 1)], [in_video("a", 0, 1)] * num_truths, k, iou)


def test_a_clip_is_right_when_half_of_the_shorter_is_shared():
    truth = TimeSpan(10, 14)
    assert is_right_clip(TimeSpan(12, 40), truth)
    assert not is_right_clip(TimeSpan(12.1, 40), truth)
    assert is_right_clip(TimeSpan(13, 15), truth)
    assert not is_right_clip(TimeSpan(12, 12), truth)


def test_a_right_clip_counts_within_the_first_k():
    clips, truths = [TimeSpan(50, 60), TimeSpan(0, 10)], [TimeSpan(90, 95), TimeSpan(0, 12)]
    assert [right_clip_at_k(clips, truths, k) for k in (1, 2)] == [0, 1]
    assert right_clip_at_k([], truths, 1) == 0
    for given in (clips, [], 1), (clips, truths, 0):
        with pytest.raises(ValueError, match="needs a true span"):
            right_clip_at_k(*given)


PREDICTIONS = {"right": ["a"], "nothing": []}
TRUTHS = {"right": {"a"}, "nothing": {"a"}, "missing": {"a"}}


@pytest.mark.parametrize(
    ("compat", "expected"),
    [
        (None, {"right": 1, "nothing": 0, "missing": 0}),
        (Omission.ABSENT, {"right": 1, "nothing": 0}),
        (Omission.EMPTY, {"right": 1}),
    ],
)
def test_a_missing_prediction_is_a_miss_unless_a_reference_leaves_it_out(compat, expected):
    values = per_query(reciprocal_rank, PREDICTIONS, TRUTHS, missing=[], compat=compat)
    assert values == expected


def test_errors_name_the_query():
    with pytest.raises(ValueError, match="query q2: nothing is relevant"):
        per_query(reciprocal_rank, {}, {"q1": {"a"}, "q2": set()}, missing=[])
    with pytest.raises(ValueError, match="not asked, such as q9"):
        per_query(reciprocal_rank, {"q9": ["a"]}, TRUTHS, missing=[])
    with pytest.raises(ValueError, match="no query"):
        per_query(reciprocal_rank, {}, TRUTHS, missing=[], compat=Omission.ABSENT)


def test_the_interval_of_equal_values_is_a_point_and_of_coins_is_the_binomial_one():
    assert bootstrap_interval([0.4, 0.4]) == (pytest.approx(0.4), pytest.approx(0.4))
    # 100 fair coins: standard error 0.05, so the 95% interval is about 0.5 -+ 0.098.
    low, high = bootstrap_interval([0.0, 1.0] * 50)
    assert (low, high) == (pytest.approx(0.402, abs=0.02), pytest.approx(0.598, abs=0.02))


def test_several_measures_have_the_intervals_that_each_has_alone():
    coins, halves = [0.0, 1.0] * 50, [0.5] * 100
    together = bootstrap_intervals(np.column_stack([coins, halves]))
    assert together[0] == pytest.approx(bootstrap_interval(coins))
    assert together[1] == pytest.approx([0.5, 0.5])
    with pytest.raises(ValueError, match="at least one value"):
        bootstrap_intervals(np.empty((0, 2)))


def test_the_randomisation_test_counts_signs():
    # Of the 8 ways to sign three equal differences, +++ and --- are as great: p = 1/4. One of the
    # three alone is as great in all of them: p = 1.
    first, second = np.array([[1, 1], [1, 0], [1, 0]]), np.zeros((3, 2))
    always, once = paired_differences(first, second)
    assert (always.mean, always.low, always.high) == (1, 1, 1)
    assert always.p_value == pytest.approx(0.25, abs=0.02)
    assert (once.mean, once.p_value) == (pytest.approx(1 / 3), 1)
    (turned, _) = paired_differences(second, first)
    assert (turned.mean, turned.p_value) == (-1, always.p_value)


def test_the_least_p_value_is_that_of_all_the_signs_that_were_drawn():
    (sure,) = paired_differences(np.ones((60, 1)), np.zeros((60, 1)))
    assert sure.p_value == pytest.approx(1 / 10_001)


def test_runs_over_other_queries_cannot_be_paired():
    with pytest.raises(ValueError, match="cannot be paired"):
        paired_differences(np.zeros((3, 1)), np.zeros((2, 1)))
