import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.calibration import Calibration, load_calibration, read_calibration, write_calibration
from retriever.confidence import ConfidenceModel, fit_confidence, threshold_for
from retriever.lead import Lead
from retriever.odds import OddsModel, SpaceOdds
from store.errors import QueryError

RANKING = [(("v", number), nats) for number, nats in enumerate((9.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0))]


def test_the_lead_of_a_moment_is_taken_from_the_clips_that_it_does_not_lie_on():
    assert Lead.of(9.0, RANKING, [("v", 0)]) == Lead(9.0, 2.0, 4.0)
    assert Lead.of(9.0, RANKING, [("v", 0), ("v", 1)]) == Lead(9.0, 3.0, 5.0)
    assert Lead.of(7.0, RANKING, [("v", 1)]) == Lead(7.0, -2.0, 7.0 - 27 / 5)


def test_where_few_stand_against_a_moment_its_lead_tells_nothing():
    assert Lead.of(9.0, RANKING[:6], [("v", 0)]) is not None
    assert Lead.of(9.0, RANKING[:5], [("v", 0)]) is None


def test_what_holds_the_same_is_no_rival():
    twins = [(("w", 0), 9.0), (("x", 0), 9.0)]
    ranking = [RANKING[0], *twins, *RANKING[1:]]
    assert Lead.of(9.0, ranking, [("v", 0)]).margin == 0
    alone = Lead.of(9.0, RANKING, [("v", 0)])
    assert Lead.of(9.0, ranking, [("v", 0)], {("w", 0), ("x", 0)}) == alone


def test_a_better_clip_that_a_moment_grew_over_stays_its_rival():
    assert Lead.of(7.0, RANKING, [("v", 0), ("v", 1)]).margin == -2.0


def test_a_probability_is_the_logistic_of_the_weighted_lead():
    model = ConfidenceModel(-1.0, (0.0, 0.5, 0.25), {})
    assert model.probability(Lead(9.0, 2.0, 4.0)) == pytest.approx(1 / (1 + np.exp(-1.0)))


def test_fitting_finds_the_weights_that_made_the_judgements():
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(4_000, 3))
    nats = -0.5 + rows @ np.array([0.2, 1.0, 0.6])
    right = generator.random(4_000) < 1 / (1 + np.exp(-nats))
    bias, weights = fit_confidence([Lead(*row) for row in rows], right.tolist())
    assert bias == pytest.approx(-0.5, abs=0.15)
    assert weights == pytest.approx((0.2, 1.0, 0.6), abs=0.15)


def test_few_judgements_leave_the_prior_nearly_as_it_is():
    prior = ConfidenceModel(-2.0, (0.0, 0.3, 0.6), {})
    bias, weights = fit_confidence([Lead(5.0, 0.0, 1.0)], [True], prior, prior_strength=100.0)
    assert bias == pytest.approx(-2.0, abs=0.05)
    assert weights == pytest.approx((0.0, 0.3, 0.6), abs=0.05)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.floats(0, 0.99))
def test_no_more_than_the_stated_share_of_absent_queries_passes_a_threshold(absent, rate):
    least = threshold_for(rate, absent)
    assert sum(one >= least for one in absent) <= rate * len(absent)


def test_a_threshold_lets_through_as_many_as_it_may():
    assert threshold_for(0.5, [0.1, 0.2, 0.3, 0.4]) == pytest.approx(0.2)
    assert threshold_for(0.0, [0.1, 0.4]) > 0.4


def test_a_calibration_survives_its_file():
    made = Calibration(
        OddsModel({"text:e@1": SpaceOdds(20.5, {"tag": -2.0, "caption": -2.5})}, 1.25),
        ConfidenceModel(-2.0, (0.0, 0.25, 0.5), {0.05: 0.375, 0.2: 0.25}),
        "films of ours",
    )
    assert read_calibration(write_calibration(made)) == made


def test_the_shipped_calibration_believes_a_moment_that_stands_out_more():
    confidence = load_calibration().confidence
    alike, ahead = Lead(8.0, 0.1, 0.3), Lead(8.0, 4.0, 5.0)
    assert confidence.probability(alike) < 0.25 < 0.75 < confidence.probability(ahead)
    rates = sorted(confidence.thresholds)
    assert [confidence.thresholds[rate] for rate in rates] == sorted(
        confidence.thresholds.values(), reverse=True
    )


def test_the_threshold_is_that_of_the_nearest_lower_rate_that_was_measured():
    model = ConfidenceModel(0.0, (0.0, 0.0, 0.0), {0.05: 0.6, 0.2: 0.3})
    assert [model.least_probability(rate) for rate in (0.05, 0.19, 0.5, 1.0)] == [0.6, 0.6, 0.3, 0]
    with pytest.raises(QueryError, match=r"the lowest is 0\.05"):
        model.least_probability(0.01)
