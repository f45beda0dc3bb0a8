"""MR-mAP, R1, HL-mAP and HIT@1 against moment_detr's evaluator and its published figures."""

from functools import partial

import numpy as np
import pytest

from reasoner.metrics.hit_at_1 import hit_at_1
from reasoner.metrics.hl_map import highlight_ap
from reasoner.metrics.length_range import LENGTH_RANGES
from reasoner.metrics.mr_map import MR_IOUS, ScoredSpan, average_precisions
from reasoner.metrics.quirks import Quirk
from reasoner.metrics.recall_at_iou import recall_at_iou
from reasoner.metrics.saliency import FAIR, GOOD, VERY_GOOD, clip_ratings
from retriever.metrics.per_query import Omission, per_query
from store.timespan import TimeSpan
from tests.oracles.manifest import read_json, read_lines, tolerance

DATASET = "qvh_moment_detr"
EXPECTED = ("expected_full_precision.json", "expected_published.json")
LEAST_RATINGS = {"Fair": FAIR, "Good": GOOD, "VeryGood": VERY_GOOD}


def percent(values):
    return 100 * np.mean(list(values.values()), axis=0)


@pytest.fixture(scope="module")
def folder(oracles):
    return oracles / DATASET


@pytest.fixture(scope="module")
def truths(folder):
    return {str(row["qid"]): row for row in read_lines(folder / "gt.jsonl")}


@pytest.fixture(scope="module")
def predictions(folder):
    return {str(row["qid"]): row for row in read_lines(folder / "preds.jsonl")}


@pytest.fixture(scope="module")
def scored_spans(predictions):
    return {
        query_id: [
            ScoredSpan(TimeSpan(start, end), score)
            for start, end, score in row["pred_relevant_windows"]
        ]
        for query_id, row in predictions.items()
    }


@pytest.fixture(scope="module")
def moments(truths, scored_spans):
    """Every figure about moments, as the expected files have them."""
    spans = {
        query_id: [TimeSpan(*window) for window in row["relevant_windows"]]
        for query_id, row in truths.items()
    }
    groups = {"full": spans}
    for name, length_range in LENGTH_RANGES.items():
        kept = {query_id: length_range.keep(listed) for query_id, listed in spans.items()}
        groups[name] = {query_id: listed for query_id, listed in kept.items() if listed}
    return {name: moment_figures(scored_spans, asked) for name, asked in groups.items()}


def moment_figures(scored_spans, asked):
    predicted = {query_id: scored_spans[query_id] for query_id in asked}
    spans = {query_id: [scored.span for scored in row] for query_id, row in predicted.items()}
    precisions = percent(
        per_query(average_precisions, predicted, asked, missing=(), compat=Omission.EMPTY)
    )
    recalls = {
        str(iou): percent(per_query(partial(recall_at_iou, k=1, iou=iou), spans, asked, missing=()))
        for iou in MR_IOUS
    }
    average = {"average": precisions.mean()}
    by_iou = {str(iou): value for iou, value in zip(MR_IOUS, precisions, strict=True)}
    return {"MR-mAP": by_iou | average, "MR-R1": recalls}


@pytest.mark.parametrize("file", EXPECTED)
@pytest.mark.parametrize("name", ["full", *LENGTH_RANGES])
def test_moments_equal_the_reference(oracles, folder, moments, name, file):
    expected = read_json(folder / file)[name]
    allowed = tolerance(oracles, DATASET, file)
    for measure in ("MR-mAP", "MR-R1"):
        assert moments[name][measure] == pytest.approx(expected[measure], abs=allowed, rel=0)


@pytest.mark.parametrize("file", EXPECTED)
@pytest.mark.parametrize("level", LEAST_RATINGS)
def test_highlights_equal_the_reference(oracles, folder, truths, predictions, level, file):
    saliency = {query_id: row["pred_saliency_scores"] for query_id, row in predictions.items()}
    ratings = {
        query_id: clip_ratings(row["duration"], row["relevant_clip_ids"], row["saliency_scores"])
        for query_id, row in truths.items()
    }
    least = LEAST_RATINGS[level]
    precision = partial(highlight_ap, least_rating=least, compat=Quirk.ZERO_PADDED)
    hit = partial(hit_at_1, least_rating=least, compat=Quirk.UNCUT)
    measured = {
        "HL-mAP": percent(per_query(precision, saliency, ratings, missing=[])),
        "HL-Hit1": percent(per_query(hit, saliency, ratings, missing=[])),
    }
    expected = read_json(folder / file)[f"HL-min-{level}"]
    assert measured == pytest.approx(expected, abs=tolerance(oracles, DATASET, file), rel=0)
