import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoner.videomind.labels import IGNORED, assistant_labels, grounding_labels

TOLERANCE = 1e-6  # of a float in the geometry tables
HEADER, END = [1, 2, 3], 4


def test_grounding_labels_are_the_reference_s(geometry):
    for row in geometry["grounder_training_labels"]["rows"]:
        labels = grounding_labels([tuple(span) for span in row["span"]], row["duration"], row["T"])
        if "error" in row:  # the reference stops where no step starts inside a moment
            middles = labels.boundaries.mean(axis=1) * row["T"]
            assert labels.saliency[middles.astype(int)].all(), row
            continue
        (expected,) = row["timestamps"]
        np.testing.assert_allclose(labels.boundaries, expected, atol=TOLERANCE)
        assert "".join("01"[int(step)] for step in labels.saliency) == row["saliency"]
        assert np.flatnonzero(labels.saliency).tolist() == row["pos_clip_allowed"]


seconds = st.floats(-50.0, 500.0)


@given(
    spans=st.lists(st.tuples(seconds, seconds), min_size=1, max_size=4),
    duration=st.floats(0.5, 400.0),
    num_steps=st.integers(1, 80),
)
def test_moments_lie_in_the_clip_and_each_has_a_step(spans, duration, num_steps):
    labels = grounding_labels(spans, duration, num_steps)
    starts, ends = labels.boundaries.T
    assert (starts >= 0).all()
    assert (ends <= 1 + 1e-12).all()
    assert (ends - starts >= 1 / num_steps - 1e-9).all()
    assert labels.saliency.shape == (num_steps,)
    for start, end in labels.boundaries * num_steps:
        assert labels.saliency[int(start) : math.ceil(end)].any()


def test_a_moment_of_one_step_at_the_end_keeps_its_step():
    # 539.84 - 539.84 / 20 is a little more than 19 steps, so that no step starts inside.
    labels = grounding_labels([(534.805, 539.84)], 539.84, 20)
    assert np.flatnonzero(labels.saliency).tolist() == [19]


@pytest.mark.parametrize("wrong", [([], 1.0, 1), ([(0.0, 1.0)], 0.0, 1), ([(0.0, 1.0)], 1.0, 0)])
def test_labels_of_nothing_are_refused(wrong):
    with pytest.raises(ValueError, match="labels need"):
        grounding_labels(*wrong)


def test_only_what_the_assistant_says_is_learned_with_the_end_of_its_turn():
    ids = [9, END, *HEADER, 5, 6, END, 7, *HEADER, 8, END, 7]
    labels = assistant_labels(ids, HEADER, END)
    assert labels.tolist() == [
        *[IGNORED] * 5,
        *(5, 6, END),
        *[IGNORED] * 4,
        *(8, END),
        IGNORED,
    ]


def test_a_turn_that_was_cut_is_learned_to_its_end():
    assert assistant_labels([*HEADER, 5], HEADER, END).tolist() == [*[IGNORED] * 3, 5]


@pytest.mark.parametrize("ids", [[], [1, 2], [9, 9, 9, 9], [7, *HEADER]])
def test_a_chat_in_which_nothing_is_said_is_refused(ids):
    with pytest.raises(ValueError, match="no turn of the assistant"):
        assistant_labels(ids, HEADER, END)
