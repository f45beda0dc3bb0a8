"""Measures of spans against what is true: mIoU, R@k IoU=m, mIoP, IoP@m, Acc@GQA, CG-Bench's."""

import pytest

from reasoner.metrics.acc_at_iou import acc_at_iou
from reasoner.metrics.acc_gqa import acc_at_gqa
from reasoner.metrics.grounded_answer import NO_ANSWER, GroundedAnswer
from reasoner.metrics.interval_iou import interval_iou
from reasoner.metrics.iop_at import iop_at
from reasoner.metrics.length_range import LENGTH_RANGES
from reasoner.metrics.miop import first_iop
from reasoner.metrics.miou import first_iou
from reasoner.metrics.quirks import Quirk
from reasoner.metrics.rec_at_iou import rec_at_iou
from reasoner.metrics.recall_at_iou import recall_at_iou
from store.timespan import TimeSpan

NAN = float("nan")


def spans(*bounds):
    return [TimeSpan(start, end) for start, end in bounds]


def answer(is_right, *bounds):
    return GroundedAnswer(is_right, tuple(spans(*bounds)))


MISSED = {
    "mIoU": lambda truths: first_iou([], truths),
    "R@k": lambda truths: recall_at_iou([], truths, 5, 0.5),
    "mIoP": lambda truths: first_iop([], truths),
    "IoP@m": lambda truths: iop_at([], truths),
    "Acc@GQA": lambda truths: acc_at_gqa(NO_ANSWER, truths),
    "CG mIoU": lambda truths: interval_iou([], truths),
    "rec@IoU": lambda truths: rec_at_iou([], truths),
    "acc@IoU": lambda truths: acc_at_iou(NO_ANSWER, truths),
}


@pytest.mark.parametrize("name", MISSED)
def test_nothing_predicted_is_a_miss_and_nothing_true_an_error(name):
    assert MISSED[name](spans((0, 1))) == 0
    with pytest.raises(ValueError, match="no true span"):
        MISSED[name]([])


@pytest.mark.parametrize("threshold", [0, 1.1, -0.5, NAN])
@pytest.mark.parametrize(
    "measure",
    [
        lambda made, threshold: recall_at_iou(made, made, 1, threshold),
        lambda made, threshold: iop_at(made, made, threshold),
        lambda made, threshold: rec_at_iou(made, made, [0.5, threshold]),
        lambda made, threshold: acc_at_iou(GroundedAnswer(True, made), made, [threshold]),
    ],
)
def test_thresholds_that_everything_or_nothing_reaches_are_errors(measure, threshold):
    with pytest.raises(ValueError, match=f"got {threshold}"):
        measure(tuple(spans((0, 1))), threshold)


@pytest.mark.parametrize(("start", "end"), [(NAN, 1), (0, float("inf")), (-1, 1), (2, 1)])
def test_a_span_that_is_none_cannot_be_predicted(start, end):
    with pytest.raises(ValueError, match="span"):
        TimeSpan(start, end)


def test_iou_is_of_the_first_span_and_the_true_one_it_fits_best():
    # [2, 6) and [4, 8) share 2 of 6 s; [2, 6) and [0, 5) share 3 of 6 s.
    assert first_iou(spans((2, 6), (4, 8)), spans((4, 8), (0, 5))) == 0.5
    assert first_iou(spans((2, 6)), spans((6, 8))) == 0
    assert first_iou(spans((3, 3)), spans((3, 3), (0, 9))) == 0


def test_a_span_beyond_the_video_only_makes_the_union_greater():
    assert first_iou(spans((5, 1005)), spans((0, 10))) == 5 / 1005


def test_recall_takes_any_of_the_first_k_for_any_true_span():
    made, truths = spans((50, 60), (0, 5)), spans((90, 95), (0, 10))
    assert [recall_at_iou(made, truths, k, 0.5) for k in (1, 2, 5)] == [0, 1, 1]
    assert recall_at_iou(made, truths, 2, 0.51) == 0
    with pytest.raises(ValueError, match="k must be at least 1, got 0"):
        recall_at_iou(made, truths, 0, 0.5)


def test_iop_may_take_another_true_span_than_iou():
    # [0, 10) and [0, 4): IoU 0.4, IoP 0.4. [0, 10) and [5, 50): IoU 0.1, IoP 0.5.
    made, truths = spans((0, 10)), spans((0, 4), (5, 50))
    assert first_iou(made, truths) == 0.4
    assert first_iop(made, truths) == 0.5
    assert iop_at(made, truths) == 1
    assert iop_at(made, truths, 0.51) == 0
    assert iop_at(spans((60, 70)), truths, 0.01) == 0


@pytest.mark.parametrize(("instant", "in_nextgqa"), [(4, 1), (5, 1), (9, 1), (9.1, 0), (3.9, 0)])
def test_a_span_without_length_is_inside_only_in_nextgqa(instant, in_nextgqa):
    made, truths = spans((instant, instant)), spans((4, 9))
    assert first_iop(made, truths) == 0
    assert first_iop(made, truths, Quirk.INSTANT_INSIDE) == in_nextgqa
    right = answer(True, (instant, instant))
    assert acc_at_gqa(right, truths, Quirk.INSTANT_INSIDE) == in_nextgqa


def test_acc_at_gqa_wants_both():
    truths = spans((0, 10), (20, 30))
    assert acc_at_gqa(answer(True, (15, 25)), truths) == 1
    assert acc_at_gqa(answer(False, (15, 25)), truths) == 0
    assert acc_at_gqa(answer(True, (14, 25), (0, 10)), truths) == 0
    assert acc_at_gqa(answer(True), truths) == 0


def test_sets_of_spans_are_joined_before_they_are_compared():
    made, truths = spans((4, 8), (0, 5)), spans((0, 4), (6, 10))
    # Joined: [0, 8); shared 4 + 2 of 10 s.
    assert interval_iou(made, truths) == 0.6
    # Of all pairs: shared 4 + 2 too, of 9 + 8 - 6 s.
    assert interval_iou(made, truths, Quirk.PAIRWISE_SUMS) == 6 / 11
    assert interval_iou(spans((3, 3)), spans((3, 3))) == 0
    # Apart, and the later first: 2 + 5 of 12 s.
    assert interval_iou(spans((10, 12), (0, 5)), spans((0, 12))) == 7 / 12


def test_what_overlaps_counts_twice_only_in_videomind():
    made, truths = spans((0, 4), (0, 4)), spans((0, 8))
    assert interval_iou(made, truths) == 0.5
    assert interval_iou(made, truths, Quirk.PAIRWISE_SUMS) == 8 / 8
    assert rec_at_iou(made, truths, [0.5, 0.9]) == 0.5
    assert rec_at_iou(made, truths, [0.5, 0.9], Quirk.PAIRWISE_SUMS) == 1


def test_rec_and_acc_count_thresholds_reached():
    # IoU 0.3: three of 0.1, 0.2, 0.3, 0.4, 0.5.
    made, truths = spans((0, 3)), spans((0, 10))
    assert rec_at_iou(made, truths) == 0.6
    assert rec_at_iou(made, truths, compat=Quirk.ABOVE_ONLY) == 0.4
    assert acc_at_iou(answer(True, (0, 3)), truths) == 0.6
    assert acc_at_iou(answer(True, (0, 3)), truths, compat=Quirk.ABOVE_ONLY) == 0.4
    assert acc_at_iou(answer(False, (0, 3)), truths) == 0
    with pytest.raises(ValueError, match="at least one threshold"):
        rec_at_iou(made, truths, [])


def test_ranges_of_length_leave_out_their_lower_bound():
    truths = spans((0, 10), (0, 10.5), (0, 30), (0, 150), (0, 151))
    kept = {name: length_range.keep(truths) for name, length_range in LENGTH_RANGES.items()}
    assert kept == {"short": truths[:1], "middle": truths[1:3], "long": truths[3:4]}
