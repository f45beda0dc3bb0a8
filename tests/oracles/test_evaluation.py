"""``cinedex evaluate`` over published files gives the published figures."""

import pytest

from cinedex.datasets.formats import read_dataset
from cinedex.evaluation.predictions_file import read_predictions
from cinedex.evaluation.report import EvaluationOptions, report_on
from tests.oracles.manifest import read_json, tolerance

DATASET = "qvh_moment_detr"
EXPECTED = "expected_full_precision.json"
OURS = {
    "R1@0.5": "MR-full-R1@0.5",
    "R1@0.7": "MR-full-R1@0.7",
    "MR-mAP": "MR-full-mAP",
    "MR-mAP@0.5": "MR-full-mAP@0.5",
    "MR-mAP@0.75": "MR-full-mAP@0.75",
    "MR-mAP short": "MR-short-mAP",
    "MR-mAP middle": "MR-middle-mAP",
    "MR-mAP long": "MR-long-mAP",
    "HIT@1": "HL-min-VeryGood-Hit1",
}
"""HL-mAP is not among them: the reference gives clips without a score 0 (``Quirk.ZERO_PADDED``)."""


def test_the_predictions_of_qvhighlights_score_as_published(oracles):
    queries = read_dataset(oracles / DATASET / "gt.jsonl", "qvhighlights")
    predictions = read_predictions(oracles / DATASET / "preds.jsonl", queries)
    report = report_on("qvhighlights", queries, predictions, EvaluationOptions())
    measured = {figure.name: 100 * figure.mean for figure in report.figures}
    expected = read_json(oracles / DATASET / EXPECTED)["brief"]
    assert {OURS[name]: measured[name] for name in OURS} == pytest.approx(
        {name: expected[name] for name in OURS.values()},
        abs=tolerance(oracles, DATASET, EXPECTED),
        rel=0,
    )
