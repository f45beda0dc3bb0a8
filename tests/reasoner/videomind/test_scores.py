import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from reasoner.videomind.scores import MAX_CANDIDATES, verified_order, yes_no_score, yes_probability
from store.errors import ModelOutputError

VOCABULARY = 151936  # stated in the table's recipe


def logits_of(row, table):
    if "zeros" in row:
        logits = np.zeros(VOCABULARY, dtype=np.float32)
    else:
        random = np.random.RandomState(row["rs_seed"])  # the recipe's generator
        scale = np.float32(row["scale"])
        logits = (random.random_sample(VOCABULARY) * 2 - 1).astype(np.float32) * scale
    logits[table["yes_id"]] = float(row["yes_logit"])
    logits[table["no_id"]] = float(row["no_logit"])
    return torch.from_numpy(logits)


def test_scores_are_the_reference_s_and_what_is_no_number_raises(geometry):
    table = geometry["yes_no_score"]
    for row in table["rows"]:
        logits = logits_of(row, table)
        if math.isnan(float(row["score"])):
            with pytest.raises(ModelOutputError, match="not numbers"):
                yes_no_score(logits, table["yes_id"], table["no_id"])
            continue
        ours = yes_no_score(logits, table["yes_id"], table["no_id"])
        assert ours == pytest.approx(float(row["score"]), abs=table["tolerance"])


def test_candidates_are_ordered_as_the_reference_orders_them(geometry):
    for row in geometry["verifier_ranking"]:
        order = verified_order(row["probs"])
        ranked = [row["probs"][number] for number in order]
        assert ranked == [row["probs"][number] for number in row["ranks"]]
        if len(set(row["probs"])) == len(row["probs"]):  # torch leaves ties in any order
            assert order == row["ranks"]
        assert len(row["probs"]) == min(row["n_pred"], MAX_CANDIDATES)


def test_equal_candidates_keep_the_grounder_s_order():
    assert verified_order([0.3, 0.5, 0.5, 0.3]) == [1, 2, 0, 3]


def test_a_score_that_is_no_number_never_ranks():
    with pytest.raises(ModelOutputError, match="not a number"):
        verified_order([0.5, math.nan])


logit = st.floats(-100.0, 100.0, width=32)


@given(logit, logit, st.lists(logit, max_size=5))
def test_a_score_is_bounded_and_says_which_word_is_likelier(yes, no, others):
    score = yes_no_score(torch.tensor([yes, no, *others]), 0, 1)
    assert 1 / (1 + math.e) <= score <= math.e / (1 + math.e)
    if score != 0.5:
        assert (score > 0.5) == (yes > no)
        assert (yes_probability(torch.tensor([yes, no, *others]), 0, 1) > 0.5) == (yes > no)


def test_what_people_are_shown_is_yes_against_no_whatever_else_is_likely():
    sure = math.log(9.0)  # nine to one
    for other in (-50.0, 0.0, 50.0):
        shown = yes_probability(torch.tensor([sure, 0.0, other]), 0, 1)
        assert shown == pytest.approx(0.9, abs=1e-6)


def test_a_probability_of_what_is_no_number_raises():
    with pytest.raises(ModelOutputError, match="not numbers"):
        yes_probability(torch.tensor([math.nan, 0.0]), 0, 1)
