import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from reasoner.videomind.decoder.nms import Proposals, pairwise_iou, rank, suppress
from reasoner.videomind.decoder.point import boundaries_at, level_lengths, point_table
from store.errors import ModelOutputError
from tests.reasoner.videomind.decoder_recipe import cases_of

# As the folder's manifest advises.
SPAN_RTOL = 1e-5
SCORE_ATOL = 1e-6
# A boundary is a place less a reach: near 0 they cancel, and one ulp of the reach remains.
SPAN_ATOL = 1e-6


def proposals(*rows):
    table = np.array(rows, dtype=np.float32).reshape(-1, 3)
    return Proposals(table[:, :2], table[:, 2])


def rows_of(ranked):
    return np.column_stack((ranked.boundaries, ranked.scores)).tolist()


@st.composite
def some_proposals(draw):
    num_rows = draw(st.integers(1, 40))
    places = st.integers(-4, 20).map(lambda place: place / 16)
    ends = draw(hnp.arrays(np.float32, (num_rows, 2), elements=places))
    levels = st.integers(1, 100).map(lambda level: level / 100)
    return Proposals(np.sort(ends, axis=1), draw(hnp.arrays(np.float32, num_rows, elements=levels)))


def test_rows_and_their_order_are_the_references(golden):
    for case, expected in cases_of(golden / "videomind_nms.safetensors"):
        lengths = torch.tensor(level_lengths(case["T"]))
        factor = torch.tensor(case["scale"])[: len(lengths)].repeat_interleave(lengths)
        points = point_table(case["T"])
        assert torch.equal(points, expected["points"])
        distances = factor[:, None] * expected["coord"].exp()
        boundaries = boundaries_at(points, distances, case["T"]).numpy()
        scores = expected["cls"].sigmoid()
        torch.testing.assert_close(scores, expected["sal"], atol=SCORE_ATOL, rtol=0)
        wanted = expected["reg"].numpy()
        order = np.arange(len(scores))
        if has_ties := len(scores.unique()) < len(scores):
            order = _order_of(wanted, boundaries)
        ranked = suppress(Proposals(boundaries[order], scores.numpy()[order]))
        found = np.array(rows_of(ranked))
        if has_ties:
            found, wanted = _suppressed_sorted(found), _suppressed_sorted(wanted)
        np.testing.assert_allclose(found[:, :2], wanted[:, :2], rtol=SPAN_RTOL, atol=SPAN_ATOL)
        np.testing.assert_allclose(found[:, 2], wanted[:, 2], rtol=0, atol=SCORE_ATOL)


def _order_of(rows, boundaries):
    """Points as the reference ranked them: which of two equal scores goes first is not ruled."""
    apart = np.abs(rows[:, None, :2] - boundaries).sum(axis=2)
    ranked = []
    for row in apart:
        row[ranked] = np.inf
        ranked.append(int(row.argmin()))
    return np.array(ranked + [i for i in range(len(boundaries)) if i not in ranked])


def _suppressed_sorted(rows):
    stands = rows[:, 2] > 0
    return np.vstack((rows[stands], rows[~stands][np.lexsort(rows[~stands].T)]))


def test_a_suppressed_row_stays_with_score_zero_and_the_next_best_is_swapped_before_it():
    ranked = suppress(
        proposals((0, 0.4, 0.9), (0, 0.41, 0.8), (0.01, 0.4, 0.7), (0.6, 0.9, 0.6), (0.2, 0.9, 0.5))
    )
    assert rows_of(ranked) == [
        pytest.approx(row)
        for row in (
            (0, 0.4, 0.9),
            (0.6, 0.9, 0.6),
            (0.2, 0.9, 0.5),
            (0, 0.41, 0),
            (0.01, 0.4, 0),
        )
    ]
    assert len(ranked.standing().scores) == 3


def test_iou_at_the_bound_suppresses():
    rows = ((0, 1, 0.9), (0, 0.75, 0.8))
    assert suppress(proposals(*rows)).scores[1] == 0
    assert suppress(proposals(*rows), suppressing_iou=0.76).scores[1] == np.float32(0.8)


def test_spans_without_length_do_not_suppress_each_other():
    ranked = suppress(proposals((0.5, 0.5, 0.9), (0.5, 0.5, 0.8)))
    assert (ranked.scores > 0).all()
    assert np.isnan(pairwise_iou(ranked.boundaries)).all()


def test_equal_scores_keep_the_order_of_the_points():
    ranked = suppress(proposals((0.6, 0.9, 0.5), (0, 0.2, 0.5), (0.3, 0.5, 0.5)))
    assert ranked.boundaries[:, 0].tolist() == pytest.approx([0.6, 0, 0.3])


def test_the_first_hundred_rows_are_kept():
    many = proposals(*((i / 300, (i + 0.5) / 300, i / 300) for i in range(1, 151)))
    assert suppress(many).scores.tolist() == pytest.approx([i / 300 for i in range(150, 50, -1)])
    assert len(suppress(many, max_rows=5).scores) == 5


@pytest.mark.parametrize(
    "broken", [(np.nan, 1, 0.5), (0, np.inf, 0.5), (0, 1, np.nan), (-np.inf, 1, 0.5)]
)
def test_what_is_not_finite_never_ranks(broken):
    with pytest.raises(ModelOutputError, match="1 of 2 spans"):
        rank(proposals((0, 0.5, 0.9), broken))


def test_a_nan_score_comes_first_in_the_reference():
    ranked = suppress(proposals((0, 0.5, 0.9), (0.5, 1, np.nan)))
    assert ranked.boundaries.tolist() == [[0.5, 1], [0, 0.5]]


def test_scores_and_boundaries_of_other_lengths_are_refused():
    with pytest.raises(ValueError, match=r"got \(3, 2\) and \(2,\)"):
        Proposals(np.zeros((3, 2), np.float32), np.zeros(2, np.float32))


@given(some_proposals())
def test_standing_spans_overlap_less_than_the_bound(proposed):
    standing = rank(proposed).standing()
    iou = pairwise_iou(standing.boundaries)
    np.fill_diagonal(iou, 0)
    assert not (iou >= 0.75).any()


@given(some_proposals())
def test_standing_spans_are_those_of_the_plain_greedy_loop(proposed):
    iou = pairwise_iou(proposed.boundaries)
    chosen = []
    for index in sorted(range(len(proposed.scores)), key=lambda i: -proposed.scores[i]):
        if not any(iou[better, index] >= 0.75 for better in chosen):
            chosen.append(index)
    standing = rank(proposed).standing()
    assert standing.boundaries.tolist() == proposed.boundaries[chosen].tolist()
    assert standing.scores.tolist() == proposed.scores[chosen].tolist()


@given(some_proposals())
def test_every_row_stays_once(proposed):
    ranked = rank(proposed)
    assert sorted(ranked.boundaries.tolist()) == sorted(proposed.boundaries.tolist())
    assert (np.diff(ranked.scores) <= 0).all()
