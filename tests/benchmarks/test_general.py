import json
from dataclasses import replace

import pytest

from benchmarks.general import QUESTIONS, verdict
from tests.reasoner.general.films import chain

ROWS = json.loads(QUESTIONS.read_text("utf-8"))["questions"]
SUMMARY = chain().ask("What is this film about?")
COUNT = chain().ask("How many times is the boat shown?")
NOTHING = chain().ask("How many times is a dog shown?")


@pytest.mark.parametrize(
    ("row", "answer", "expected"),
    [
        ({"abstains": True}, NOTHING, "right"),
        ({"abstains": True}, COUNT, "wrong"),
        ({"reach": "count", "counts": [2]}, NOTHING, "abstained"),
        ({"reach": "count", "counts": [2]}, COUNT, "right"),
        ({"reach": "count", "counts": [3]}, COUNT, "wrong"),
        ({"reach": "moments"}, COUNT, "wrong"),
        ({"reach": "summary", "inside": [0, 64]}, SUMMARY, "right"),
        ({"reach": "summary", "inside": [3, 64]}, SUMMARY, "wrong"),
        ({"reach": "summary", "first": [0, 3]}, SUMMARY, "right"),
        ({"reach": "summary", "first": [3, 64]}, SUMMARY, "wrong"),
        ({"reach": "summary", "holds": ["old mill"]}, SUMMARY, "right"),
        ({"reach": "summary", "spreads": True}, SUMMARY, "wrong"),  # nothing of the last third
    ],
)
def test_an_answer_is_judged_by_all_that_is_known(row, answer, expected):
    assert verdict(row, answer) == expected


def test_an_answer_that_covers_the_whole_film_spreads():
    short = replace(SUMMARY.spans[0].video, duration_seconds=70.0)
    spans = (replace(SUMMARY.spans[0], video=short),)
    assert verdict({"reach": "summary", "spreads": True}, replace(SUMMARY, spans=spans)) == "right"


def test_the_questions_are_told_apart_and_halved():
    assert len({row["id"] for row in ROWS}) == len(ROWS) == 45
    assert sum(row["split"] == "kept" for row in ROWS) == 23
