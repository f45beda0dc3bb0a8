"""Acc@GQA, mIoP, IoP@m, mIoU and IoU@m against the evaluator of NExT-GQA."""

from functools import partial

import numpy as np
import pytest

from reasoner.metrics.acc_gqa import acc_at_gqa
from reasoner.metrics.grounded_answer import NO_ANSWER, GroundedAnswer
from reasoner.metrics.iop_at import iop_at
from reasoner.metrics.miop import first_iop
from reasoner.metrics.miou import first_iou
from reasoner.metrics.quirks import Quirk
from reasoner.metrics.recall_at_iou import recall_at_iou
from retriever.metrics.per_query import Omission, per_query
from store.timespan import TimeSpan
from tests.oracles.manifest import read_json, tolerance

DATASET = "nextgqa_val"
COMPAT = Quirk.INSTANT_INSIDE
SPAN_MEASURES = {
    "mIoP": partial(first_iop, compat=COMPAT),
    "IoP@0.3": partial(iop_at, iop=0.3, compat=COMPAT),
    "IoP@0.5": partial(iop_at, iop=0.5, compat=COMPAT),
    "mIoU": first_iou,
    "IoU@0.3": partial(recall_at_iou, k=1, iou=0.3),
    "IoU@0.5": partial(recall_at_iou, k=1, iou=0.5),
}
RULES = {
    "whole_video": lambda duration, spans: TimeSpan(0, duration),
    "middle_half": lambda duration, spans: TimeSpan(duration / 4, 3 * duration / 4),
    "first_gt_span": lambda duration, spans: spans[0],
}


@pytest.fixture(scope="module")
def folder(oracles):
    return oracles / DATASET


@pytest.fixture(scope="module")
def questions(folder):
    """Question id to the video's duration and the true spans."""
    return {
        f"{video}_{number}": (row["duration"], [TimeSpan(*span) for span in spans])
        for video, row in read_json(folder / "gsub_val.json").items()
        for number, spans in row["location"].items()
    }


def measured(answers, truths):
    """Every figure, in percent; what is not in ``answers`` is left out, as in the reference."""
    score = partial(per_query, truths=truths, compat=Omission.ABSENT)
    spans = {question_id: answer.spans for question_id, answer in answers.items()}
    accuracy = partial(acc_at_gqa, compat=COMPAT)
    values = {"Acc@GQA": score(accuracy, answers, missing=NO_ANSWER)} | {
        name: score(measure, spans, missing=()) for name, measure in SPAN_MEASURES.items()
    }
    return {name: 100 * np.mean(list(scored.values())) for name, scored in values.items()}


@pytest.mark.parametrize("precision", ["full_precision", "printed_1dp"])
def test_synthetic_predictions_equal_the_reference(oracles, folder, questions, precision):
    options = read_json(folder / "pred_qa.json")
    answers = {
        question_id: GroundedAnswer(
            options[question_id]["answer"] == options[question_id]["prediction"], (TimeSpan(*span),)
        )
        for question_id, span in read_json(folder / "pred_ground.json").items()
    }
    truths = {question_id: spans for question_id, (_, spans) in questions.items()}
    expected = read_json(folder / "expected.json")["synthetic_jitter"][precision]
    allowed = tolerance(oracles, DATASET, precision)
    assert measured(answers, truths) == pytest.approx(expected, abs=allowed, rel=0)


@pytest.mark.parametrize("rule", RULES)
def test_rules_equal_the_reference(oracles, folder, questions, rule):
    answers = {
        question_id: GroundedAnswer(is_right=True, spans=(RULES[rule](duration, spans),))
        for question_id, (duration, spans) in questions.items()
    }
    truths = {question_id: spans for question_id, (_, spans) in questions.items()}
    everything = read_json(folder / "expected.json")["rule_baselines_all_answers_correct"]
    allowed = tolerance(oracles, DATASET, "rule_baselines")
    expected = everything[rule]["full_precision"]
    assert measured(answers, truths) == pytest.approx(expected, abs=allowed, rel=0)
