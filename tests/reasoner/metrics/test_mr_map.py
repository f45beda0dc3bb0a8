import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoner.metrics.mr_map import MR_IOUS, ScoredSpan, average_precisions
from store.timespan import TimeSpan

TRUTHS = [TimeSpan(0, 10), TimeSpan(20, 30)]


def scored(*rows):
    return [ScoredSpan(TimeSpan(start, end), score) for start, end, score in rows]


def test_a_true_span_is_found_once():
    # Right, again, wrong, right: precision 1 at the first and 2/4 at the fourth.
    found = scored((0, 10, 0.9), (0, 10, 0.8), (50, 60, 0.7), (20, 30, 0.6))
    assert average_precisions(found, TRUTHS, [0.5]) == [pytest.approx((1 + 2 / 4) / 2)]


def test_the_precision_of_a_step_is_the_best_from_there_on():
    # Wrong, right, right: 1/2 and 2/3, of which the first step takes 2/3 too.
    found = scored((50, 60, 0.9), (0, 10, 0.8), (20, 30, 0.7))
    assert average_precisions(found, TRUTHS, [0.5]) == [pytest.approx(2 / 3)]


def test_scores_rank_and_ties_stay_as_listed():
    wrong, right = (50, 60), (0, 10)
    truths = TRUTHS[:1]
    assert average_precisions(scored((*wrong, 0.1), (*right, 0.9)), truths, [0.5]) == [1]
    assert average_precisions(scored((*wrong, 0.5), (*right, 0.5)), truths, [0.5]) == [0.5]


def test_only_the_first_ten_listed_count_whatever_their_scores():
    wrong = [(50, 60, 0.1)] * 10
    assert average_precisions(scored(*wrong, (0, 10, 0.9)), TRUTHS[:1], [0.5]) == [0]
    assert average_precisions(scored(*wrong[1:], (0, 10, 0.9)), TRUTHS[:1], [0.5]) == [1]


def test_a_span_takes_the_true_one_it_fits_best_and_the_next_the_other():
    truths = [TimeSpan(0, 10), TimeSpan(0, 8)]
    # [0, 8) fits both; as it takes the second, [0, 10) finds the first.
    assert average_precisions(scored((0, 8, 0.9), (0, 10, 0.8)), truths, [0.8]) == [1]


def test_of_true_spans_that_fit_equally_the_later_is_taken():
    truths = [TimeSpan(0, 10), TimeSpan(10, 20)]
    # [5, 15) has IoU 1/3 with both and takes [10, 20); then only [0, 10) can be found.
    assert average_precisions(scored((5, 15, 0.9), (0, 10, 0.8)), truths, [0.3]) == [1]
    assert average_precisions(scored((5, 15, 0.9), (10, 20, 0.8)), truths, [0.3]) == [0.5]


def test_every_threshold_is_scored_by_itself_and_reached_by_what_equals_it():
    # IoU 0.75.
    values = average_precisions(scored((0, 7.5, 1.0)), TRUTHS[:1])
    assert dict(zip(MR_IOUS, values, strict=True)) == {iou: float(iou <= 0.75) for iou in MR_IOUS}


def test_nothing_predicted_is_a_miss_and_what_cannot_be_scored_an_error():
    assert average_precisions([], TRUTHS).tolist() == [0] * len(MR_IOUS)
    with pytest.raises(ValueError, match="no true span"):
        average_precisions(scored((0, 1, 1.0)), [])
    with pytest.raises(ValueError, match=r"\(0, 1\], got 1.5"):
        average_precisions([], TRUTHS, [1.5])
    for score in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match=f"score of a span must be finite.*{score}"):
            ScoredSpan(TRUTHS[0], score)


BOUNDS = st.tuples(st.integers(0, 20), st.integers(1, 10)).map(lambda b: TimeSpan(b[0], sum(b)))


@given(
    st.lists(st.builds(ScoredSpan, BOUNDS, st.floats(0, 1)), max_size=12),
    st.lists(BOUNDS, min_size=1, max_size=4),
)
def test_a_stricter_threshold_never_finds_more(predictions, truths):
    values = average_precisions(predictions, truths)
    assert ((values >= 0) & (values <= 1 + 1e-12)).all()
    assert (np.diff(values) <= 1e-12).all()
