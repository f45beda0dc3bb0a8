"""HL-mAP and HIT@1."""

import numpy as np
import pytest

from reasoner.metrics.hit_at_1 import hit_at_1
from reasoner.metrics.hl_map import highlight_ap
from reasoner.metrics.quirks import Quirk
from reasoner.metrics.saliency import FAIR, GOOD, clip_ratings


def rated(*ratings):
    """One annotator."""
    return [[rating] for rating in ratings]


def test_ratings_are_spread_over_whole_clips():
    spread = clip_ratings(9.9, [2, 0], [[1, 2, 3], [4, 4, 4]])
    assert spread.tolist() == [[4, 4, 4], [0, 0, 0], [1, 2, 3], [0, 0, 0]]


@pytest.mark.parametrize(
    ("clips", "ratings", "message"),
    [
        ([4], [[1, 1]], "clip 4 is not one of the 4"),
        ([-1], [[1, 1]], "clip -1 is not one"),
        ([1, 1], [[1], [2]], "2 clips do not go"),
        ([1, 2], [[1]], "2 clips do not go"),
        ([1], [[5]], "whole number from 0 to 4, got 5.0"),
        ([1], [[2.5]], "whole number from 0 to 4, got 2.5"),
        ([1], [[float("nan")]], "whole number from 0 to 4, got nan"),
        ([1], [1], "shape"),
    ],
)
def test_ratings_that_are_none_are_errors(clips, ratings, message):
    with pytest.raises(ValueError, match=message):
        clip_ratings(9, clips, ratings)


def test_ap_is_the_mean_over_highlights_of_the_best_precision_from_there_on():
    # Ranked: highlight, other, highlight: precision 1 and 2/3.
    assert highlight_ap([0.1, 0.9, 0.5], rated(4, 4, 0)) == pytest.approx((1 + 2 / 3) / 2)
    # Ranked: other, highlight, highlight: 1/2 and 2/3, of which the first takes 2/3 too.
    assert highlight_ap([0.5, 0.9, 0.6], rated(4, 0, 4)) == pytest.approx(2 / 3)


def test_equal_scores_are_one_step():
    # First step: one highlight of one. Second: all four, of which three are highlights.
    ap = highlight_ap([0.9, 0.5, 0.5, 0.5], rated(4, 0, 4, 4))
    assert ap == pytest.approx((1 + 3 / 4) / 2)
    assert highlight_ap([0.5] * 4, rated(4, 0, 0, 0)) == 0.25


def test_every_annotator_has_a_say_and_the_rating_decides_what_is_a_highlight():
    ratings = [[4, 2, 3], [0, 3, 0]]
    # Very good: the first by the first annotator alone, found at once; the others name none.
    assert highlight_ap([0.9, 0.1], ratings) == pytest.approx(1 / 3)
    # Good: found at once, second, at once.
    assert highlight_ap([0.9, 0.1], ratings, GOOD) == pytest.approx((1 + 0.5 + 1) / 3)
    # Fair: both are highlights of the second annotator.
    assert highlight_ap([0.9, 0.1], ratings, FAIR) == pytest.approx(1)


def test_all_highlights_are_found_and_none_cannot_be():
    assert highlight_ap([0.1, 0.2], rated(4, 4)) == 1
    assert highlight_ap([0.1, 0.2], rated(0, 3)) == 0


def test_clips_without_a_score_are_not_found_but_in_qvhighlights():
    ratings = rated(4, 0, 0, 4)
    # Ranked 1st: precision 1; the last is a step of precision 0.
    assert highlight_ap([-0.1, -0.2], ratings) == 0.5
    # With zeros in front: (other, highlight) 1/2, then highlight 2/3, which the first takes too.
    assert highlight_ap([-0.1, -0.2], ratings, compat=Quirk.ZERO_PADDED) == pytest.approx(2 / 3)
    assert highlight_ap([], ratings) == 0
    assert highlight_ap([], ratings, compat=Quirk.ZERO_PADDED) == 0.5


def test_scores_behind_the_end_are_cut():
    assert highlight_ap([0.1, 0.5, 0.9], rated(0, 4)) == 1
    assert hit_at_1([0.1, 0.5, 0.9], rated(0, 4)) == 1
    assert hit_at_1([0.1, 0.5, 0.9], rated(0, 4), compat=Quirk.UNCUT) == 0
    assert hit_at_1([0.1, 0.9, 0.5], rated(0, 4), compat=Quirk.UNCUT) == 1


def test_hit_at_1_asks_any_annotator_about_the_first_of_the_best():
    ratings = [[3, 3, 3], [0, 0, 4]]
    assert hit_at_1([0.1, 0.9], ratings) == 1
    assert hit_at_1([0.9, 0.1], ratings) == 0
    assert hit_at_1([0.9, 0.1], ratings, GOOD) == 1
    assert hit_at_1([0.5, 0.5], ratings) == 0
    assert hit_at_1([], ratings, FAIR) == 0


@pytest.mark.parametrize("measure", [highlight_ap, hit_at_1])
def test_a_score_that_is_no_number_is_named(measure):
    for wrong in (float("nan"), float("-inf")):
        with pytest.raises(ValueError, match=f"saliency of clip 1 must be finite, got {wrong}"):
            measure([0.5, wrong], rated(4, 0))
    with pytest.raises(ValueError, match="one score for each clip"):
        measure(np.zeros((2, 2)), rated(4, 0))
