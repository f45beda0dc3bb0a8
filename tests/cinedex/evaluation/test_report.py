"""Two videos and five queries, small enough to work out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from cinedex.datasets.formats import READERS
from cinedex.datasets.query import DatasetQuery
from cinedex.evaluation.answer_failures import AnswerFailure
from cinedex.evaluation.curves import RecallCurve, SourceShare
from cinedex.evaluation.measures import GROUNDING
from cinedex.evaluation.prediction import GivenAnswer, PredictedMoment, Prediction
from cinedex.evaluation.report import EvaluationOptions, report_on
from store.errors import DatasetError
from store.timespan import TimeSpan

PLAIN, CORPUS = EvaluationOptions(), EvaluationOptions(is_corpus=True)


def query(query_id, *spans, video="film", **more):
    listed = tuple(TimeSpan(*span) for span in spans)
    return DatasetQuery(query_id, f"query {query_id}", video, listed, **more)


def moment(start, end, video="film", score=1.0, kind="speech", **ranks):
    return PredictedMoment(video, TimeSpan(start, end), score, kind, ranks)


def made(**moments):
    return {name: Prediction(name, tuple(listed)) for name, listed in moments.items()}


def means(report):
    return {figure.name: figure.mean for figure in report.figures}


QUERIES = [
    query("a", (0, 10)),
    query("b", (0, 10), (20, 30)),
    query("c", (0, 10)),
    query("d", (0, 10)),
]
# IoU of the moments: a 0.6, b 0.2 then 1, c none found, d not predicted.
FOUND = made(
    a=[moment(0, 6, lexical=1, text=4)],
    b=[moment(8, 10, lexical=2, text=1), moment(20, 30, kind="tag", text=2)],
    c=[],
)


def test_recall_and_overlap_count_what_is_missing_as_missed():
    report = report_on("charades", QUERIES, FOUND, PLAIN)
    assert means(report) == pytest.approx(
        {"R1@0.3": 0.25, "R1@0.5": 0.25, "R1@0.7": 0, "R5@0.5": 0.5, "R5@0.7": 0.25, "mIoU": 0.2}
    )
    counts = report.counts
    assert (counts.num_queries, counts.num_scored) == (4, 4)
    assert (counts.num_without_prediction, counts.num_without_moments) == (1, 1)


def test_only_indexed_leaves_out_what_has_no_prediction():
    report = report_on("charades", QUERIES, FOUND, EvaluationOptions(only_indexed=True))
    assert means(report)["mIoU"] == pytest.approx((0.6 + 0.2 + 0) / 3)
    assert (report.counts.num_scored, report.counts.num_without_prediction) == (3, 1)
    with pytest.raises(DatasetError, match="none of the queries has a prediction"):
        report_on("charades", QUERIES, {}, EvaluationOptions(only_indexed=True))


def test_the_curve_the_histogram_and_the_failures_are_of_the_same_queries():
    report = report_on("own", QUERIES, FOUND, PLAIN)
    assert report.recall_curves == (
        RecallCurve(0.3, (0.25, 0.5)),
        RecallCurve(0.5, (0.25, 0.5)),
        RecallCurve(0.7, (0, 0.25)),
    )
    assert report.iou_histogram == (2, 0, 1, 0, 0, 0, 1, 0, 0, 0)
    assert [(each.query_id, each.iou) for each in report.failures] == [
        ("c", 0),
        ("d", 0),
        ("b", pytest.approx(0.2)),
    ]
    assert report.failures[2].predicted == FOUND["b"].moments[0]
    assert report.num_failures == 3


def test_sources_are_credited_for_the_first_right_moment_of_each_query():
    report = report_on("own", QUERIES, FOUND, PLAIN)
    assert report.num_right == 2  # the first of a, the second of b
    assert report.sources == (SourceShare("text", 2, 0, 1), SourceShare("lexical", 1, 1, 0))
    assert report.kinds == {"speech": 1, "tag": 1}


def test_qvhighlights_has_its_own_set():
    ratings = np.array([[4, 0], [0, 0], [0, 0]])
    queries = [query("a", (0, 10), ratings=ratings), query("b", (0, 20), (50, 90))]
    found = made(a=[moment(30, 40, score=0.1), moment(0, 10, score=0.9)], b=[moment(50, 90)])
    found["a"] = replace(found["a"], saliency=(0.2, 0.9, 0.1))
    got = means(report_on("qvhighlights", queries, found, PLAIN))
    # R1 goes by the list, where a is wrong; mAP by the scores, where it is right: AP 1 and 1/2.
    assert (got["R1@0.5"], got["mIoU"], got["MR-mAP"]) == (0.5, 0.5, 0.75)
    # Short: a alone. Middle: b's first span, which is not found. Long: b's second.
    assert [got[f"MR-mAP {lengths}"] for lengths in ("short", "middle", "long")] == [1, 0, 1]
    # The highlight comes second for one annotator, the other has none; the best clip is no hit.
    assert (got["HL-mAP"], got["HIT@1"]) == (0.25, 0)


QUESTIONS = [
    query("a", (0, 10), choices=("x", "y"), answer=0),
    query("b", (0, 10), choices=("x", "y"), answer=0),
    query("c", (0, 10), choices=("x", "y"), answer=1),
]


def test_nextgqa_asks_for_the_answer_and_for_its_proof():
    found = made(a=[moment(0, 8)], b=[moment(9, 19)], c=[moment(0, 10)])
    silent = means(report_on("nextgqa", QUESTIONS, found, PLAIN))
    # IoP 1, 0.1, 1; IoU 0.8, 1/19, 1.
    assert silent == pytest.approx(
        {
            "mIoP": 0.7,
            "IoP@0.3": 2 / 3,
            "IoP@0.5": 2 / 3,
            "mIoU": (0.8 + 1 / 19 + 1) / 3,
            "IoU@0.3": 2 / 3,
            "IoU@0.5": 2 / 3,
        }
    )
    asked = {
        name: replace(found[name], answer=GivenAnswer("", False, choice))
        for name, choice in (("a", 0), ("b", 0), ("c", None))
    }
    got = means(report_on("nextgqa", QUESTIONS, asked, PLAIN))
    # a is right and proven, b right and not, c proven and without a choice.
    assert (got["Acc@QA"], got["Acc@GQA"]) == pytest.approx((2 / 3, 1 / 3))


def test_an_abstention_is_right_where_nothing_answers():
    queries = [query("a", (0, 10)), query("b"), query("c")]
    abstained = GivenAnswer("", True)
    found = {
        "a": Prediction("a", answer=abstained),
        "b": Prediction("b", answer=abstained),
        "c": Prediction("c", (moment(0, 4),), answer=GivenAnswer("a dog", False)),
    }
    got = means(report_on("own", queries, found, PLAIN))
    assert (got["answered"], got["abstained"]) == (0, 0.5)


def test_answers_in_words_are_measured_by_em_and_f1_and_by_their_proof():
    queries = [
        query("a", (0, 10), answers=("a red boat", "ship")),
        query("b", (0, 10), answers=("red boat",)),
        query("c", answers=("red",)),
        DatasetQuery("d", "query d", "film", answers=("three men",)),
        query("e", (0, 10)),
    ]
    found = {
        "a": Prediction("a", (moment(0, 8),), answer=GivenAnswer("The red boat.", False)),
        "b": Prediction("b", (moment(0, 30),), answer=GivenAnswer("Red boat", False)),
        "c": Prediction("c", answer=GivenAnswer("red", True)),
        "d": Prediction("d", answer=GivenAnswer("men and dogs", False)),
        "e": Prediction("e", answer=GivenAnswer("whatever", False)),
    }
    report = report_on("own", queries, found, PLAIN)
    got = {figure.name: (figure.mean, figure.num_queries) for figure in report.figures}
    # d shares 1 word: 2 / (3 + 2). c abstained. b is right, and a third of its moment is.
    assert got["EM"] == (0.5, 4)
    assert got["F1"] == (pytest.approx((1 + 1 + 0 + 0.4) / 4), 4)
    assert got["EM@GQA"] == got["F1@GQA"] == (0.5, 2)
    assert report.num_answer_failures == 2
    assert report.answer_failures == (
        AnswerFailure("c", "query c", ("red",), "", 0.0),
        AnswerFailure("d", "query d", ("three men",), "men and dogs", pytest.approx(0.4)),
    )
    silent = {name: replace(one, answer=None) for name, one in found.items()}
    assert report_on("own", queries, silent, PLAIN).answer_failures == ()


def test_over_a_corpus_what_is_right_elsewhere_counts():
    everywhere = query("a", (0, 10), elsewhere={"other": (TimeSpan(5, 7),)}, answers=("red",))
    answer = GivenAnswer("red", False)
    found = {"a": Prediction("a", (moment(5, 7, video="other"),), answer=answer)}
    report = report_on("own", [everywhere], found, CORPUS)
    got = means(report)
    assert (got["VCMR R1@0.7"], got["VR R1"], got["EM@GQA"]) == (1, 1, 1)
    assert (report.num_right, report.failures) == (1, ())
    found = {"a": Prediction("a", (moment(5, 7, video="third"),), answer=answer)}
    got = means(report_on("own", [everywhere], found, CORPUS))
    assert (got["VCMR R1@0.5"], got["VR R1"], got["EM"], got["EM@GQA"]) == (0, 0, 1, 0)


def test_over_a_corpus_the_video_must_be_right_too():
    found = made(
        a=[moment(0, 10, video="other"), moment(0, 10)],
        b=[moment(0, 10)],
    )
    report = report_on("charades", QUERIES[:2], found, CORPUS)
    got = means(report)
    assert [got[f"VCMR R{k}@0.5"] for k in (1, 5, 10)] == [0.5, 1, 1]
    assert [got[f"VR R{k}"] for k in (1, 5, 10)] == [0.5, 1, 1]
    assert report.iou_histogram == (1, 0, 0, 0, 0, 0, 0, 0, 0, 1)
    with pytest.raises(DatasetError, match="with --corpus"):
        report_on("charades", QUERIES[:2], found, PLAIN)


def test_another_run_is_compared_query_by_query():
    rival = made(a=[moment(0, 6)], b=[moment(20, 30)], c=[moment(0, 10)], d=[moment(0, 10)])
    report = report_on("charades", QUERIES, FOUND, PLAIN, rival)
    assert report.counts.num_only_here == 0
    difference = {figure.name: figure.difference for figure in report.figures}["mIoU"]
    # 0, -0.8, -1, -1: the three that differ have the same sign in 2 of 8 draws.
    assert difference.mean == pytest.approx(-0.7)
    assert difference.p_value == pytest.approx(0.25, abs=0.02)
    assert difference.low == pytest.approx(-1)
    assert means(report) == means(report_on("charades", QUERIES, FOUND, PLAIN))


def test_what_the_other_run_did_not_predict_is_its_miss_and_is_said():
    report = report_on("charades", QUERIES, FOUND, PLAIN, made(b=[moment(20, 30)]))
    assert report.counts.num_only_here == 3
    difference = {figure.name: figure.difference for figure in report.figures}["mIoU"]
    assert difference.mean == pytest.approx((0.6 - 0.8) / 4)
    elsewhere = made(a=[moment(0, 10, video="other")])
    with pytest.raises(DatasetError, match="with --corpus"):
        report_on("charades", QUERIES, FOUND, PLAIN, elsewhere)


def test_intervals_depend_on_the_seed_alone():
    varied = [query(str(number), (0, 10)) for number in range(20)]
    found = made(**{str(number): [moment(0, number + 1)] for number in range(20)})
    first, again = (report_on("charades", varied, found, PLAIN) for _ in range(2))
    other = report_on("charades", varied, found, EvaluationOptions(seed=1))
    assert first.figures == again.figures
    assert first.figures != other.figures
    for figure in first.figures:
        assert figure.low <= figure.mean <= figure.high


def test_there_must_be_something_to_measure():
    unknown = [DatasetQuery("a", "who?", "film", choices=("x", "y"), answer=0)]
    with pytest.raises(DatasetError, match="try --ask"):
        report_on("tvqa-long", unknown, made(a=[moment(0, 1)]), PLAIN)


def test_every_format_is_measured():
    assert GROUNDING.keys() == READERS.keys()
