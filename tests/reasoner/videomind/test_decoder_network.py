import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from reasoner.videomind.decoder import TimestampDecoder, pool_frames
from reasoner.videomind.decoder.embedding import relative_positions
from reasoner.videomind.decoder.nms import Proposals, suppress
from reasoner.videomind.decoder.point import boundaries_at, level_lengths, point_table
from tests.reasoner.videomind.decoder_recipe import cases_of, drawn_decoder

pytestmark = pytest.mark.usefixtures("one_thread")

# As the folder's manifest advises: another order of summation moves float32 by about 1e-6 here.
STATE_ATOL = 1e-5
SPAN_RTOL = 1e-4
# A boundary is a place less a reach: near 0 they cancel, and the error is that of the larger one.
SPAN_ATOL = 1e-5
# Rows of a batch may be summed in another order than one row alone.
BATCH_ATOL = 1e-5


@pytest.fixture(scope="module")
def small_decoder():
    torch.manual_seed(0)
    return TimestampDecoder(16).eval()


def states_of(num_frames, hidden_size=16, seed=0):
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.randn(num_frames + 1, hidden_size, generator=generator)
    return drawn[:-1], drawn[-1]


@pytest.mark.parametrize("hidden_size", [32, 64])
def test_each_step_is_the_references(golden, hidden_size):
    decoder = drawn_decoder(golden, hidden_size)
    for case, expected in cases_of(golden / f"videomind_decoder_D{hidden_size}.safetensors"):
        start, end = case["vision_span"]
        frames = pool_frames(expected["prompt_state"][start:end], case["window"])
        with torch.no_grad():
            encoded = decoder.encode(frames[None], expected["reg_state"][None])[-1][0]
            predicted = decoder(frames[None], expected["reg_state"][None])
            distances = decoder.coef(expected["coord"][None], case["T"])
        steps = {
            "pooled": frames,
            "pe": relative_positions(case["T"], 256, frames.device),
            "fused": encoded,
            "cls": predicted.class_logits[0],
        }
        for name in steps.keys() & expected.keys():
            torch.testing.assert_close(steps[name], expected[name], atol=STATE_ATOL, rtol=0)
        torch.testing.assert_close(predicted.distances, distances, atol=STATE_ATOL, rtol=STATE_ATOL)
        assert level_lengths(case["T"]) == expected["levels"].tolist()
        assert torch.equal(point_table(case["T"]), expected["points"])


@pytest.mark.parametrize("hidden_size", [32, 64])
def test_ranked_spans_are_the_references(golden, hidden_size):
    decoder = drawn_decoder(golden, hidden_size)
    for case, expected in cases_of(golden / f"videomind_decoder_D{hidden_size}.safetensors"):
        start, end = case["vision_span"]
        frames = pool_frames(expected["prompt_state"][start:end], case["window"])
        proposals = decoder.propose(frames, expected["reg_state"])
        with torch.no_grad():
            distances = decoder.coef(expected["coord"][None], case["T"])[0]
        boundaries = boundaries_at(expected["points"], distances, case["T"])
        torch.testing.assert_close(
            torch.from_numpy(proposals.scores), expected["sal"], atol=STATE_ATOL, rtol=0
        )
        torch.testing.assert_close(
            torch.from_numpy(proposals.boundaries), boundaries, atol=SPAN_ATOL, rtol=SPAN_RTOL
        )
        # Ranked by the reference's scores: the order of two that are close hangs on rounding.
        ranked = suppress(Proposals(boundaries.numpy(), expected["sal"].numpy()))
        rows = np.column_stack((ranked.boundaries, ranked.scores))
        torch.testing.assert_close(
            torch.from_numpy(rows), expected["reg"], atol=SPAN_ATOL, rtol=SPAN_RTOL
        )


@given(num_frames=st.integers(1, 200))
def test_a_level_has_a_point_for_each_whole_stride(num_frames):
    lengths = level_lengths(num_frames)
    points = point_table(num_frames)
    assert lengths == [num_frames // s for s in (1, 2, 4, 8) if num_frames // s]
    assert len(points) == sum(lengths)
    for stride in (1, 2, 4, 8):
        places = points[points[:, 3] == stride, 0]
        assert places.tolist() == [i * stride for i in range(num_frames // stride)]


def test_a_point_answers_for_its_range_of_lengths():
    assert point_table(9)[[0, 9, 13, 15]].tolist() == [
        [0, 0, 2, 1],
        [0, 2, 4, 2],
        [0, 4, 8, 4],
        [0, 8, math.inf, 8],
    ]


def test_boundaries_are_fractions_that_may_leave_the_video():
    points = torch.tensor([[6.0, 2, 4, 2]])
    assert boundaries_at(points, torch.tensor([[1.0, 2.0]]), 10).tolist() == [
        pytest.approx([0.4, 1.0])
    ]
    assert boundaries_at(points, torch.tensor([[4.0, 3.0]]), 10).tolist() == [
        pytest.approx([-0.2, 1.2])
    ]


@settings(max_examples=30)
@given(num_frames=st.integers(1, 200), seed=st.integers(0, 99))
def test_a_proposal_holds_its_point_and_a_score(small_decoder, num_frames, seed):
    proposals = small_decoder.propose(*states_of(num_frames, seed=seed))
    place = point_table(num_frames)[:, 0].numpy() / num_frames
    assert len(proposals.scores) == sum(level_lengths(num_frames))
    assert ((proposals.scores >= 0) & (proposals.scores <= 1)).all()
    assert (proposals.boundaries[:, 0] <= place).all()
    assert (proposals.boundaries[:, 1] >= place).all()


@settings(max_examples=20)
@given(num_frames=st.integers(1, 40), batch=st.integers(2, 5))
def test_a_row_of_a_batch_is_what_it_is_alone(small_decoder, num_frames, batch):
    rows = [states_of(num_frames, seed=seed) for seed in range(batch)]
    frames = torch.stack([row[0] for row in rows])
    queries = torch.stack([row[1] for row in rows])
    with torch.no_grad():
        together = small_decoder(frames, queries)
        for index, (own_frames, own_query) in enumerate(rows):
            alone = small_decoder(own_frames[None], own_query[None])
            for field in ("class_logits", "distances"):
                torch.testing.assert_close(
                    getattr(together, field)[index : index + 1],
                    getattr(alone, field),
                    atol=BATCH_ATOL,
                    rtol=BATCH_ATOL,
                )


def test_half_precision_states_are_read_in_float32(small_decoder):
    frames, query = states_of(12)
    halved = small_decoder.propose(frames.bfloat16(), query.bfloat16())
    widened = small_decoder.propose(frames.bfloat16().float(), query.bfloat16().float())
    assert (halved.scores == widened.scores).all()


def test_order_of_frames_matters(small_decoder):
    frames, query = states_of(12)
    forward = small_decoder.propose(frames, query).scores[:12]
    backward = small_decoder.propose(frames.flip(0), query).scores[:12][::-1]
    assert abs(forward - backward).max() > 1e-3


def test_pooling_averages_each_frames_tokens_in_float32():
    states = torch.tensor([[1.0], [3.0], [2048.0], [2049.0]])
    assert pool_frames(states, 2).tolist() == [[2.0], [2048.5]]
    many = torch.full((4096, 1), 60000.0, dtype=torch.float16)
    assert pool_frames(many, 4096).item() == many[0].float().item()


@pytest.mark.parametrize(("num_tokens", "window"), [(0, 4), (7, 4), (4, 0), (3, -1)])
def test_frames_that_are_not_whole_are_refused(num_tokens, window):
    with pytest.raises(ValueError, match=f"{num_tokens} tokens are no whole frames of {window}"):
        pool_frames(torch.zeros(num_tokens, 3), window)


def test_positions_turn_once_over_the_video():
    positions = relative_positions(4, 6, torch.device("cpu"))
    assert positions[:, 0].tolist() == pytest.approx([1, 0, -1, 0], abs=1e-5)
    assert positions[:, 1].tolist() == pytest.approx([0, -1, 0, 1], abs=1e-5)
    slower = math.pi / 2 / 10000 ** (2 / 6)
    assert positions[0, 2:4].tolist() == pytest.approx([math.sin(slower), math.cos(slower)])


def test_training_leaves_layers_out_and_evaluation_does_not():
    torch.manual_seed(1)
    decoder = TimestampDecoder(16)
    frames, query = states_of(9)
    batch = frames.expand(64, -1, -1), query.expand(64, -1)
    with torch.no_grad():
        spread = decoder(*batch).class_logits.std(dim=0).max()
        assert spread > 1e-3
        assert decoder.eval()(*batch).class_logits.std(dim=0).max() < BATCH_ATOL
    decoder.train()
    with pytest.raises(ValueError, match="call eval"):
        decoder.propose(frames, query)


@pytest.mark.parametrize(
    ("frames", "query"),
    [((1, 0, 16), (1, 16)), ((1, 4, 16), (2, 16)), ((1, 4, 16), (1, 8))],
)
def test_shapes_that_do_not_fit_are_refused(small_decoder, frames, query):
    with pytest.raises(ValueError, match=r"needs \(B, T, 16\)"):
        small_decoder(torch.zeros(frames), torch.zeros(query))


def test_convolutions_are_drawn_anew_repeatably_and_alone():
    decoders = [TimestampDecoder(16), TimestampDecoder(16)]
    before = {name: tensor.clone() for name, tensor in decoders[0].state_dict().items()}
    for decoder in decoders:
        decoder.reset_convolutions(torch.Generator().manual_seed(7))
    after, twin = (decoder.state_dict() for decoder in decoders)
    changed = {name for name in after if not torch.equal(before[name], after[name])}
    heads = {
        f"{head}.module.{i}.{kind}"
        for head in ("class_head", "coord_head")
        for i in (1, 3)
        for kind in ("weight", "bias")
    }
    halvings = {
        f"pyramid.blocks.{level}.{5 * i + 1}.{kind}"
        for level in (1, 2, 3)
        for i in range(level)
        for kind in ("weight", "bias")
    }
    assert changed == heads | halvings
    bound = math.sqrt(6 / ((256 + 256) * 2))
    weight = after["pyramid.blocks.1.1.weight"]
    assert 0.99 * bound < weight.abs().max() <= bound
    assert not after["class_head.module.3.bias"].any()
    assert all(torch.equal(after[name], twin[name]) for name in changed)
