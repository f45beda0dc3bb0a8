"""What a line of training data may hold, and what is said of one that is wrong."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from reasoner.answer import Role
from reasoner.videomind.training.data import (
    AnsweringExample,
    Footage,
    GroundingExample,
    PlanningExample,
    VerifyingExample,
    read_examples,
)
from store.errors import TrainingDataError
from store.timespan import TimeSpan
from tests.reasoner.videomind.training.classroom import LINES, write_data

ROOT = Path(__file__).parents[4]


def read(folder: Path, role: Role) -> Any:
    return read_examples(write_data(folder, role), role)


def test_a_grounders_moments_end_with_the_video(tmp_path: Path) -> None:
    gate, bell = read(tmp_path, Role.GROUNDER)
    assert gate == GroundingExample(
        "gate", Footage(tmp_path / "gate.mp4", 8.0), (TimeSpan(2.0, 5.0),)
    )
    assert bell.footage == Footage(tmp_path / "bell.mkv", 6.5)


def test_a_candidate_is_right_from_an_iou_of_a_half(tmp_path: Path) -> None:
    gate, bell = read(tmp_path, Role.VERIFIER)  # 2 s of 3 s; 1 s of 5 s
    assert (gate.is_right, bell.is_right) == (True, False)
    assert isinstance(gate, VerifyingExample)
    line = LINES[Role.VERIFIER][0] | {"candidate": [2, 4], "relevant_windows": [[2, 6]]}
    (tmp_path / "half.jsonl").write_text(json.dumps(line))
    (half,) = read_examples(tmp_path / "half.jsonl", Role.VERIFIER)
    assert isinstance(half, VerifyingExample)
    assert half.is_right


def test_routes_are_plans(tmp_path: Path) -> None:
    path = tmp_path / "plans.jsonl"
    lines = [
        {"question": 'Why "so"?', "route": 1, "value": " a man  waves. "},
        {"question": "When is it.", "route": 2},
        {"question": "When?", "route": 3, "value": "rain"},
        {"question": "What?", "route": 4},
        {"question": "When?", "roles": ["grounder", "verifier"], "value": "rain"},
    ]
    path.write_text("\n\n".join(map(json.dumps, lines)))
    found = read_examples(path, Role.PLANNER)
    whole = (Role.GROUNDER, Role.VERIFIER, Role.ANSWERER)
    assert found == [
        PlanningExample('Why "so"?', whole, "a man waves"),
        PlanningExample("When is it.", whole, "When is it"),
        PlanningExample("When?", whole[:2], "rain"),
        PlanningExample("What?", whole[2:], ""),
        PlanningExample("When?", whole[:2], "rain"),
    ]


def test_an_answerer_may_have_options_and_a_span(tmp_path: Path) -> None:
    plain, chosen = read(tmp_path, Role.ANSWERER)
    assert isinstance(plain, AnsweringExample)
    assert (plain.options, plain.span) == ((), None)
    assert (chosen.options, chosen.span) == (("gate", "bell"), TimeSpan(1.0, 2.0))


@pytest.mark.parametrize(
    ("role", "change", "said"),
    [
        (Role.GROUNDER, {"duration": 0}, "duration is seconds above 0, got 0"),
        (Role.GROUNDER, {"duration": True}, "duration is seconds"),
        (Role.GROUNDER, {"query": " . "}, "query is words"),
        (Role.GROUNDER, {"vid": "nowhere"}, "there is no video"),
        (Role.GROUNDER, {"relevant_windows": []}, "a list of spans"),
        (Role.GROUNDER, {"relevant_windows": [[5, 2]]}, "ends later"),
        (Role.GROUNDER, {"relevant_windows": [[8, 9]]}, "inside the video's 8.0 seconds"),
        (Role.GROUNDER, {"relevant_windows": [[1, float("nan")]]}, "a start and an end"),
        (Role.GROUNDER, {"relevant_windows": None}, "a list of spans"),
        (Role.VERIFIER, {"candidate": [1]}, "candidate is a start and an end"),
        (Role.PLANNER, {"route": 5}, "route is 1, 2, 3 or 4"),
        (Role.PLANNER, {"route": None}, "there is no roles"),
        (Role.PLANNER, {"route": None, "roles": ["verifier"]}, "roles are grounder"),
        (Role.PLANNER, {"value": ""}, "there is no value"),
        (Role.ANSWERER, {"options": ["a", "b"]}, "one of them the answer 'grey'"),
        (Role.ANSWERER, {"answer": None}, "answer is words"),
    ],
)
def test_a_wrong_line_is_named(
    tmp_path: Path, role: Role, change: dict[str, Any], said: str
) -> None:
    path = write_data(tmp_path, role)
    good, other = LINES[role]
    path.write_text("\n".join(map(json.dumps, (good, other, good | change))))
    with pytest.raises(TrainingDataError, match=re.escape(said)) as caught:
        read_examples(path, role)
    assert f"{path}, line 3" in str(caught.value)
    assert "docs/TRAINING.md" in str(caught.value)


@pytest.mark.parametrize("line", ["{", "[]", '"words"'])
def test_a_line_that_is_no_object_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "bad.jsonl").write_text(f"\n{line}\n")
    with pytest.raises(TrainingDataError, match="line 2"):
        read_examples(tmp_path / "bad.jsonl", Role.PLANNER)


def test_a_file_without_examples_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataError, match="cannot be read"):
        read_examples(tmp_path / "none.jsonl", Role.PLANNER)
    (tmp_path / "empty.jsonl").write_text("\n \n")
    with pytest.raises(TrainingDataError, match="no example"):
        read_examples(tmp_path / "empty.jsonl", Role.PLANNER)


def test_the_documented_lines_are_read(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "TRAINING.md").read_text("utf-8")
    lines = re.findall(r"```json\n(.*?)\n```", text, re.DOTALL)
    (tmp_path / "farm_0_150.mp4").touch()
    roles = (Role.GROUNDER, Role.VERIFIER, Role.PLANNER, Role.ANSWERER)
    for role, line in zip(roles, lines, strict=True):
        (tmp_path / "data.jsonl").write_text(line)
        assert len(read_examples(tmp_path / "data.jsonl", role)) == 1
