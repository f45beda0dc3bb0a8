"""SODA_c against cases whose best matching was found by trying all of them in exact fractions."""

from functools import partial

import numpy as np
import pytest

from reasoner.metrics.quirks import Quirk
from reasoner.metrics.soda_c import TimedCaption, soda_c
from reasoner.metrics.token_f1 import token_f1
from store.timespan import TimeSpan
from tests.oracles.manifest import read_json, tolerance

DATASET = "soda_c"
ORDERS = {"sorted_by_start": None, "emission_order": Quirk.EMISSION_ORDER}


def captions(rows):
    return [TimedCaption(TimeSpan(row["start"], row["end"]), row["caption"]) for row in rows]


@pytest.mark.parametrize("order", ORDERS)
def test_every_case_and_the_mean_equal_the_exact_fractions(oracles, order):
    document = read_json(oracles / DATASET / "cases.json")
    score = partial(soda_c, similarity=token_f1, compat=ORDERS[order])
    allowed = tolerance(oracles, DATASET)
    values = []
    for case in document["cases"]:
        values.append(score(captions(case["pred_in_emission_order"]), captions(case["gt"])))
        expected = case[f"expected_{order}"]["f1"]["value"]
        assert values[-1] == pytest.approx(expected, abs=allowed, rel=0), case["name"]
    expected = document["corpus_mean_f1"][order]["value"]
    assert np.mean(values) == pytest.approx(expected, abs=allowed, rel=0)
