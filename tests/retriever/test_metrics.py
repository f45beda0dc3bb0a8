import pytest

from retriever.metrics.interval import bootstrap_interval
from retriever.metrics.miou import best_iou, mean_iou
from retriever.metrics.recall import iou_at_least, is_right_clip, recall_at_k
from store.timespan import TimeSpan


def test_best_iou_takes_the_true_span_that_fits_best():
    # [2, 6) and [4, 8) share 2 of 6 s; [2, 6) and [0, 5) share 3 of 6 s.
    assert best_iou(TimeSpan(2, 6), [TimeSpan(4, 8), TimeSpan(0, 5)]) == 0.5


def test_mean_iou_counts_a_query_without_an_answer():
    truths = [[TimeSpan(0, 10)], [TimeSpan(0, 10)]]
    assert mean_iou([TimeSpan(0, 5), None], truths) == 0.25


@pytest.mark.parametrize(("predictions", "truths"), [([], []), ([None], []), ([None], [[]])])
def test_mean_iou_of_nothing_is_an_error(predictions, truths):
    with pytest.raises(ValueError, match="mIoU"):
        mean_iou(predictions, truths)


def test_a_clip_is_right_when_half_of_the_shorter_is_shared():
    truth = TimeSpan(10, 14)
    assert is_right_clip(TimeSpan(12, 40), truth)
    assert not is_right_clip(TimeSpan(12.1, 40), truth)
    assert is_right_clip(TimeSpan(13, 15), truth)
    assert not is_right_clip(TimeSpan(12, 12), truth)


def test_recall_counts_queries_with_a_right_span_in_the_first_k():
    predictions = [[TimeSpan(50, 60), TimeSpan(0, 10)], [TimeSpan(0, 10)], []]
    truths = [[TimeSpan(0, 20)], [TimeSpan(90, 95), TimeSpan(0, 12)], [TimeSpan(0, 1)]]
    assert recall_at_k(predictions, truths, 1, iou_at_least(0.5)) == pytest.approx(1 / 3)
    assert recall_at_k(predictions, truths, 2, iou_at_least(0.5)) == pytest.approx(2 / 3)
    assert recall_at_k(predictions, truths, 2, iou_at_least(0.6)) == pytest.approx(1 / 3)


@pytest.mark.parametrize(("predictions", "k"), [([], 1), ([[]], 0)])
def test_recall_of_nothing_is_an_error(predictions, k):
    with pytest.raises(ValueError, match="recall"):
        recall_at_k(predictions, [[TimeSpan(0, 1)]] * len(predictions), k, is_right_clip)


def test_the_interval_of_equal_values_is_a_point_and_of_coins_is_the_binomial_one():
    assert bootstrap_interval([0.4, 0.4]) == (pytest.approx(0.4), pytest.approx(0.4))
    # 100 fair coins: standard error 0.05, so the 95% interval is about 0.5 -+ 0.098.
    low, high = bootstrap_interval([0.0, 1.0] * 50)
    assert (low, high) == (pytest.approx(0.402, abs=0.02), pytest.approx(0.598, abs=0.02))
