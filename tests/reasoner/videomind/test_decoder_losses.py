import math

import pytest
import torch

from reasoner.videomind.decoder import (
    GroundingTarget,
    TimestampDecoder,
    decoder_loss,
    pool_frames,
)
from reasoner.videomind.decoder.assignment import PointTargets, assign_points
from reasoner.videomind.decoder.losses import (
    classification_loss,
    point_targets,
    regression_loss,
    saliency_loss,
    valid_points,
)
from reasoner.videomind.decoder.point import point_table
from store.timespan import TimeSpan
from tests.reasoner.videomind.decoder_recipe import cases_of, drawn_decoder

pytestmark = pytest.mark.usefixtures("one_thread")

# As the folder's manifest advises; the order of summation moves float32.
LOSS = {"rel": 1e-4, "abs": 1e-5}
TARGET_ATOL = 1e-5
GRADIENT = {"atol": 1e-5, "rtol": 1e-3}


def target_of(case):
    spans = [torch.tensor(group) for group in case["timestamps"]]
    return GroundingTarget(spans, torch.tensor(case["saliency"]).float(), case["pos_clip"])


@pytest.mark.parametrize("hidden_size", [32, 64])
def test_losses_and_gradients_are_the_references(golden, hidden_size):
    decoder = drawn_decoder(golden, hidden_size)
    for case, expected in cases_of(golden / f"videomind_loss_D{hidden_size}.safetensors"):
        _, height, width = case["grid_thw"]
        start, end = case["vision_span"]
        states = expected["state"].float().requires_grad_()
        frames = pool_frames(states[start:end], height * width // 4)
        decoder.zero_grad()
        loss = decoder_loss(decoder, frames, states[case["reg_state_positions"]], target_of(case))
        loss.total.backward()
        assert loss.classification.item() == pytest.approx(case["loss_cls"], **LOSS)
        assert loss.regression.item() == pytest.approx(case["loss_reg"], **LOSS)
        assert loss.saliency.item() == pytest.approx(case["loss_sal"], **LOSS)
        assert loss.total.item() == pytest.approx(case["total_added_to_lm_loss"], **LOSS)
        torch.testing.assert_close(states.grad, expected["state_grad"], **GRADIENT)
        for name, norm in case["grad_norm"].items():
            found = decoder.get_parameter(name).grad.norm().item()
            assert found == pytest.approx(norm, rel=GRADIENT["rtol"], abs=GRADIENT["atol"]), name


@pytest.mark.parametrize("hidden_size", [32, 64])
def test_targets_are_the_references(golden, hidden_size):
    for case, expected in cases_of(golden / f"videomind_loss_D{hidden_size}.safetensors"):
        padded = max(8, case["T"])
        found = point_targets(target_of(case), case["T"], padded, torch.device("cpu"))
        rows = len(case["timestamps"])
        assert torch.equal(found.is_positive[:rows].float(), expected["cls_target"])
        torch.testing.assert_close(
            found.distances[:rows], expected["reg_target"], atol=TARGET_ATOL, rtol=0
        )
        mask = valid_points(case["T"], padded).float()
        assert torch.equal(mask.expand_as(expected["pyramid_mask"]), expected["pyramid_mask"])


@pytest.mark.parametrize("hidden_size", [32, 64])
def test_each_loss_alone_is_the_references(golden, hidden_size):
    path = golden / f"videomind_loss_D{hidden_size}.safetensors"
    for case, expected in cases_of(path, "direct_cases"):
        assigned = assign_points(expected["point"], torch.tensor(case["timestamps"]) * case["T"])
        assert torch.equal(assigned.is_positive.float(), expected["cls_target"][0])
        layers = len(expected["out_class"])
        targets = PointTargets(
            assigned.is_positive.expand(layers, -1), assigned.distances.expand(layers, -1, -1)
        )
        losses = {
            "loss_cls": classification_loss(
                expected["out_class"][..., 0], targets.is_positive, expected["pyramid_mask"].bool()
            ),
            "loss_reg": regression_loss(expected["out_coord"], targets),
            "loss_sal": saliency_loss(
                expected["video_emb"],
                expected["query_emb"],
                expected["saliency"][0],
                case["pos_clip"],
            ),
        }
        for name, loss in losses.items():
            assert loss.item() == pytest.approx(case[name], **LOSS)


def test_the_shortest_span_that_fits_a_point_wins():
    points = point_table(8)[:8]
    found = assign_points(points, torch.tensor([[1.0, 4.0], [2.0, 4.0]]))
    assert found.is_positive.tolist() == [False, False, True, True, True, False, False, False]
    # Frame 2 starts the short span; frame 4 ends both and the long one is too long for level 0.
    assert found.distances[2:5].tolist() == [[0, 2], [1, 1], [2, 0]]


def test_a_point_far_from_the_centre_is_not_positive():
    stride_two = torch.tensor([[2.0, 0, 99, 2], [4.0, 0, 99, 2], [14.0, 0, 99, 2]])
    found = assign_points(stride_two, torch.tensor([[0.0, 14.0]]))
    # Centre 7, radius 3: frames 4 to 10.
    assert found.is_positive.tolist() == [False, True, False]
    assert found.distances[1].tolist() == [2, 5]


def test_a_level_answers_for_its_lengths_only():
    points = point_table(16)
    found = assign_points(points, torch.tensor([[1.5, 9.0]]))
    # The farther end is 4 to 8 frames away, inside the span and within 6 frames of 5.25: stride 4.
    assert points[found.is_positive][:, [0, 3]].tolist() == [[4, 4], [8, 4]]


def test_no_span_is_refused():
    with pytest.raises(ValueError, match="at least one span"):
        assign_points(point_table(4), torch.zeros(0, 2))


def test_padding_is_not_judged():
    assert valid_points(3, 8).long().tolist() == [1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 0, 1]
    logits = torch.tensor([[0.0, 50.0]])
    positive = torch.tensor([[True, False]])
    judged = classification_loss(logits, positive, torch.tensor([True, False]))
    assert judged.item() == pytest.approx(5 * 0.25 * math.log(2))


def test_sure_points_weigh_less_in_classification():
    # p = 0.8 for a positive: 0.2 ** 2 * -log(0.8).
    logits = torch.tensor([[math.log(4)]])
    loss = classification_loss(logits, torch.tensor([[True]]), torch.tensor([True]))
    assert loss.item() == pytest.approx(5 * 0.04 * -math.log(0.8))
    negative = classification_loss(-logits, torch.tensor([[False]]), torch.tensor([True]))
    assert negative.item() == pytest.approx(loss.item())


def test_only_positive_points_are_regressed():
    distances = torch.tensor([[[1.0, 2.0], [9.0, 9.0]]])
    wanted = torch.tensor([[[1.5, 4.0], [0.0, 0.0]]])
    first = PointTargets(torch.tensor([[True, False]]), wanted)
    assert regression_loss(distances, first).item() == pytest.approx((0.5 + 2) / 2)
    none = PointTargets(torch.tensor([[False, False]]), wanted)
    assert regression_loss(distances, none).item() == 0


def test_the_positive_frame_is_set_against_frames_no_more_salient():
    frames = torch.tensor([[[1.0, 0], [0.6, 0.8], [0.8, -0.6]]])
    query = torch.tensor([[[2.0, 0]]])
    saliency = torch.tensor([1.0, 0.5, 0.0])
    # Cosines 1, 0.6 and 0.8; from frame 1 only frames 1 and 2 are seen, from frame 2 only itself.
    loss = saliency_loss(frames, query, saliency, 1)
    assert loss.item() == pytest.approx(0.05 * math.log(1 + math.exp(0.2 / 0.07)), rel=1e-5)
    assert saliency_loss(frames, query, saliency, 2).item() == 0
    all_seen = saliency_loss(frames, query, torch.ones(3), 1).item()
    others = math.exp(0.4 / 0.07) + math.exp(0.2 / 0.07)
    assert all_seen == pytest.approx(0.05 * math.log(1 + others), rel=1e-5)


@pytest.mark.parametrize(
    ("num_spans", "num_frames"), [(2, 9), (1, 8)], ids=["a span too many", "a frame too few"]
)
def test_a_target_for_other_states_is_refused(num_spans, num_frames):
    target = GroundingTarget([torch.tensor([[0.0, 0.5]])] * num_spans, torch.ones(num_frames), 0)
    with pytest.raises(ValueError, match="the states are for 9 and 1"):
        decoder_loss(TimestampDecoder(8), torch.zeros(9, 8), torch.zeros(1, 8), target)


def test_a_video_without_a_reg_token_is_refused():
    target = GroundingTarget([], torch.ones(9), 0)
    with pytest.raises(ValueError, match="at least one"):
        decoder_loss(TimestampDecoder(8), torch.zeros(9, 8), torch.zeros(0, 8), target)


@pytest.mark.parametrize("positive_frame", [-1, 3])
def test_a_positive_frame_outside_the_video_is_refused(positive_frame):
    with pytest.raises(ValueError, match="one of 3 frames"):
        GroundingTarget([torch.tensor([[0.0, 1.0]])], torch.ones(3), positive_frame)


def test_training_finds_the_span():
    torch.manual_seed(0)
    decoder = TimestampDecoder(16).train()
    decoder.reset_convolutions()
    frames, query = torch.randn(12, 16), torch.randn(1, 16)
    frames[3:9] += query
    saliency = torch.zeros(12)
    saliency[3:9] = 1
    target = GroundingTarget([torch.tensor([[0.25, 0.75]])], saliency, 5)
    optimiser = torch.optim.Adam(decoder.parameters(), lr=1e-3)
    losses = []
    for _ in range(60):
        optimiser.zero_grad()
        loss = decoder_loss(decoder, frames, query, target).total
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 10
    proposals = decoder.eval().propose(frames, query[0])
    start, end = proposals.boundaries[proposals.scores.argmax()].tolist()
    assert TimeSpan(max(start, 0), end).iou(TimeSpan(0.25, 0.75)) > 0.5
