import pytest

from benchmarks.abstention.curves import (
    Asked,
    area_under_curve,
    brier_score,
    kept_at,
    reliability,
    threshold_keeping,
)


def test_a_threshold_keeps_what_is_at_least_as_probable():
    assert kept_at(0.3, [0.1, 0.3, 0.5]) == pytest.approx(0.667)


@pytest.mark.parametrize(("share", "least"), [(0.25, 0.4), (0.5, 0.3), (0.6, 0.2), (1.0, 0.1)])
def test_the_threshold_that_keeps_a_share_is_the_highest_that_does(share, least):
    assert threshold_keeping(share, [0.1, 0.4, 0.2, 0.3]) == least


def test_the_brier_score_is_the_mean_square_of_what_was_missing():
    asked = [Asked(0.9, True, False), Asked(0.2, False, True)]
    assert brier_score(asked) == pytest.approx((0.01 + 0.04) / 2)


def test_reliability_counts_each_query_in_one_bin_and_leaves_empty_bins_out():
    asked = [
        Asked(probability, is_right, False)
        for probability, is_right in [(0.0, False), (0.1, True), (0.2, True), (1.0, True)]
    ]
    rows = reliability(asked)
    assert [(row["from"], row["queries"], row["right"]) for row in rows] == [
        (0.0, 2, 0.5),
        (0.2, 1, 1.0),
        (0.8, 1, 1.0),
    ]


def test_the_area_counts_pairs_in_order_and_ties_by_half():
    area = area_under_curve([0.9, 0.5], [0.5, 0.1])
    assert area["mean"] == 0.875
    assert area["low"] <= 0.875 <= area["high"]
