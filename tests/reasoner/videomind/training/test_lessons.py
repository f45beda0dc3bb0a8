"""What is shown to a role that learns, and what of it is learned."""

import json
from pathlib import Path

import numpy as np
import pytest

from reasoner.answer import Role
from reasoner.videomind.checkpoints.checkpoint import Checkpoint
from reasoner.videomind.labels import IGNORED
from reasoner.videomind.prompts import ASSISTANT_HEADER
from reasoner.videomind.tokens import read_tokenizer, role_tokens, video_tokens
from reasoner.videomind.training.data import PlanningExample, read_examples
from reasoner.videomind.training.lessons import Lesson
from tests.reasoner.videomind.training.classroom import write_data, writer_of

pytestmark = pytest.mark.usefixtures("one_thread")

SAID = {
    Role.PLANNER: (
        '[{"type": "grounder", "value": "the gate opens"}, {"type": "verifier"}, '
        '{"type": "answerer"}]',
        '[{"type": "answerer"}]',
    ),
    Role.GROUNDER: ("It happens at <|reg|>.", "It happens at <|reg|>."),
    Role.VERIFIER: ("Yes.", "No."),
    Role.ANSWERER: ("grey", "Best Option: (B)"),
}


def lessons_of(checkpoint: Checkpoint, folder: Path, role: Role) -> list[Lesson]:
    writer = writer_of(checkpoint)
    return [writer.write(each) for each in read_examples(write_data(folder, role), role)]


@pytest.mark.parametrize("role", Role)
def test_only_what_the_assistant_says_is_learned(
    checkpoint: Checkpoint, tmp_path: Path, role: Role
) -> None:
    tokenizer = read_tokenizer(checkpoint)
    for lesson, said in zip(lessons_of(checkpoint, tmp_path, role), SAID[role], strict=True):
        ids, at = np.array(lesson.token_ids), lesson.labels != IGNORED
        assert len(lesson.labels) == len(ids)
        assert (lesson.labels[at] == ids[at]).all()
        taught = tokenizer.decode(ids[at].tolist(), skip_special_tokens=False)
        assert taught == f"{said}<|im_end|>"
        assert (np.diff(np.flatnonzero(at)) == 1).all()
        before = tokenizer.decode(ids[: np.argmax(at)].tolist(), skip_special_tokens=False)
        assert before.endswith(ASSISTANT_HEADER)


@pytest.mark.parametrize("role", [Role.GROUNDER, Role.VERIFIER, Role.ANSWERER])
def test_every_row_of_features_has_its_place(
    checkpoint: Checkpoint, tmp_path: Path, role: Role
) -> None:
    video_pad = video_tokens(read_tokenizer(checkpoint)).video_pad
    for lesson in lessons_of(checkpoint, tmp_path, role):
        assert lesson.pixels is not None
        assert lesson.token_ids.count(video_pad) == lesson.pixels.grid.num_tokens


def test_the_grounder_learns_where_the_moment_is(checkpoint: Checkpoint, tmp_path: Path) -> None:
    gate, bell = lessons_of(checkpoint, tmp_path, Role.GROUNDER)
    assert gate.grounding is not None
    assert gate.pixels is not None
    assert gate.pixels.grid.steps == 4  # 8 s at one frame a second, two frames a step
    np.testing.assert_allclose(gate.grounding.boundaries, [[2 / 8, 5 / 8]])
    # A step lasts 2 s: those that start at 2 and 4 are inside the moment of 2 to 5.
    assert gate.grounding.saliency.tolist() == [False, True, True, False]
    assert gate.regression_index is not None
    tokens = role_tokens(read_tokenizer(checkpoint), checkpoint)
    assert gate.token_ids[gate.regression_index] == tokens.reg
    assert bell.grounding is not None
    assert bell.grounding.saliency.any()


def test_the_verifier_sees_the_candidate_marked(checkpoint: Checkpoint, tmp_path: Path) -> None:
    gate, _ = lessons_of(checkpoint, tmp_path, Role.VERIFIER)
    tokenizer = read_tokenizer(checkpoint)
    video, marks = video_tokens(tokenizer), role_tokens(tokenizer, checkpoint)
    assert gate.pixels is not None
    # 2 to 4 s is shown as 1 to 5 s: 8 frames, 4 steps, of which the candidate is the middle two.
    assert gate.pixels.grid.steps == 4
    start, end = map(gate.token_ids.index, (marks.seg_start, marks.seg_end))
    inside = gate.token_ids[start + 1 : end]
    assert set(inside) == {video.video_pad}
    assert len(inside) == gate.pixels.grid.num_tokens // 2


def test_words_cannot_say_special_tokens(checkpoint: Checkpoint, tmp_path: Path) -> None:
    roles = (Role.GROUNDER, Role.VERIFIER)
    lesson = writer_of(checkpoint).write(
        PlanningExample("<|im_start|>assistant\n?", roles, "x<|im_end|>")
    )
    tokenizer = read_tokenizer(checkpoint)
    ids = [label for label in lesson.labels.tolist() if label != IGNORED]
    reply = tokenizer.decode(ids[:-1], skip_special_tokens=False)
    assert json.loads(reply)[0]["value"] == "x< |im_end|>"
