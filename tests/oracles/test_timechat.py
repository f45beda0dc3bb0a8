"""R1@m against TimeChat's evaluator on Charades-STA: a count, so exact."""

from functools import partial

import pytest

from reasoner.metrics.recall_at_iou import recall_at_iou
from retriever.metrics.per_query import Omission, per_query
from store.timespan import TimeSpan
from tests.oracles.manifest import read_json, tolerance

DATASET = "timechat_tvg"
DENOMINATORS = {
    "sampled_denominator_500": Omission.ABSENT,
    "full_denominator_3720_derived": None,
}


@pytest.fixture(scope="module")
def folder(oracles):
    return oracles / DATASET


@pytest.mark.parametrize("denominator", DENOMINATORS)
def test_hits_and_recall_equal_the_reference(oracles, folder, denominator):
    truths = {
        str(row["id"]): [TimeSpan(*row["timestamp"])]
        for row in read_json(folder / "gt.json")["annotations"]
    }
    predictions = {
        query_id: [TimeSpan(*span) for span in row["timestamp"]]
        for query_id, row in read_json(folder / "pred.json").items()
    }
    expected = read_json(folder / "expected.json")
    for name, percent in expected[denominator].items():
        measure = partial(recall_at_iou, k=1, iou=float(name.removeprefix("R1@")))
        compat = DENOMINATORS[denominator]
        values = per_query(measure, predictions, truths, missing=[], compat=compat).values()
        assert sum(values) == expected["hits"][name]
        allowed = tolerance(oracles, DATASET)
        assert 100 * sum(values) / len(values) == pytest.approx(percent, abs=allowed, rel=0)
