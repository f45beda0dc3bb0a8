import json

import pytest

from cinedex.datasets.query import DatasetQuery
from cinedex.evaluation.prediction import GivenAnswer, PredictedMoment, Prediction
from cinedex.evaluation.predictions_file import read_predictions, writing_predictions
from store.errors import DatasetError
from store.timespan import TimeSpan

OWN_VIDEO = DatasetQuery("7", "a dog", "film", (TimeSpan(0, 4),))
QUESTION = DatasetQuery("q b", "who?", None, choices=("I", "you"), answer=1)
MOMENTS = (
    PredictedMoment("film", TimeSpan(1, 2.5), 0.75, "speech", {"lexical": 2, "text:m@1": 1}),
    PredictedMoment("film", TimeSpan(8, 9), 0.5, "picture"),
)
ROW = {"qid": 7, "vid": "film", "pred_relevant_windows": [[1, 2.5, 0.75]]}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "predictions.jsonl"


def test_what_is_written_is_read_back(path):
    found = Prediction("7", MOMENTS, (0.0, 0.75))
    elsewhere = (PredictedMoment("other.mp4", TimeSpan(0, 1), 1.0),)
    answered = Prediction("q b", elsewhere, answer=GivenAnswer("you", False, 1))
    refused = Prediction("7", refusal="no word in it")
    with writing_predictions(path) as writer:
        writer.write(OWN_VIDEO, found)
        writer.write(QUESTION, answered)
    read = read_predictions(path, [OWN_VIDEO, QUESTION, DatasetQuery("8", "never put")])
    assert read == {"7": found, "q b": answered}
    with writing_predictions(path.with_name("refused.jsonl")) as writer:
        writer.write(OWN_VIDEO, refused)
    assert read_predictions(path.with_name("refused.jsonl"), [OWN_VIDEO]) == {"7": refused}


def test_an_answer_in_words_keeps_its_words(path):
    question = DatasetQuery("q", "what?", answers=("a red boat",))
    answered = Prediction("q", answer=GivenAnswer("A \u201cred\u201d\nboat \U0001f6a3", False))
    with writing_predictions(path) as writer:
        writer.write(question, answered)
    assert read_predictions(path, [question]) == {"q": answered}


def test_a_line_is_what_the_evaluator_of_qvhighlights_reads(path):
    with writing_predictions(path) as writer:
        writer.write(OWN_VIDEO, Prediction("7", MOMENTS, (0.0, 0.75)))
    row = json.loads(path.read_text("utf-8"))
    assert (row["qid"], row["query"], row["vid"]) == (7, "a dog", "film")
    assert row["pred_relevant_windows"] == [[1, 2.5, 0.75], [8, 9, 0.5]]
    assert row["pred_saliency_scores"] == [0, 0.75]


def test_a_line_is_on_disk_before_the_next_query_is_put(path):
    with writing_predictions(path) as writer:
        writer.write(OWN_VIDEO, Prediction("7"))
        assert list(read_predictions(path, [OWN_VIDEO])) == ["7"]


def test_predictions_are_not_overwritten(path):
    path.write_text("hours of work", "utf-8")
    with pytest.raises(DatasetError, match="is there already"), writing_predictions(path):
        pass
    assert path.read_text("utf-8") == "hours of work"
    nowhere = path.parent / "nowhere" / "p.jsonl"
    with pytest.raises(DatasetError, match="cannot be written"), writing_predictions(nowhere):
        pass


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"qid": 9}, "the dataset has no query 9"),
        (ROW, "there is a prediction for query 7 already"),
        ({"qid": "q b", "pred_relevant_windows": [[1, 2]]}, "'pred_relevant_windows' is no array"),
        (
            {"qid": "q b", "pred_relevant_windows": [[3, 2, 0.5]], "pred_videos": ["x"]},
            "starts at 0 or later",
        ),
        (
            {"qid": "q b", "pred_relevant_windows": [[1, 2, 0.5]], "pred_videos": []},
            "'pred_videos' is no array",
        ),
        (
            {
                "qid": "q b",
                "pred_relevant_windows": [],
                "pred_answer": {"text": "", "abstained": False, "choice": 2},
            },
            "'choice' is 2, and there are 2",
        ),
        ({"qid": "q b", "pred_relevant_windows": [["1", 2, 3]]}, "no array of numbers"),
        ({"qid": "q b", "pred_relevant_windows": [[1, 2, 10**400]]}, "is not finite"),
    ],
)
def test_what_is_wrong_with_a_line_is_said_with_its_place(path, row, said):
    path.write_text(f"{json.dumps(ROW)}\n\n{json.dumps(row)}\n", "utf-8")
    with pytest.raises(DatasetError) as error:
        read_predictions(path, [OWN_VIDEO, QUESTION])
    assert str(error.value).startswith(f"{path}, line 3: ")
    assert said in str(error.value)
