import pytest
import torch
from safetensors.torch import load_file, save_file

from reasoner.videomind.decoder import (
    TimestampDecoder,
    load_decoder,
    load_published_decoder,
    save_decoder,
)
from store.errors import CheckpointError, WeightsMissingError
from tests.reasoner.videomind.decoder_recipe import drawn_weights

PREFIX = "base_model.model."


def published(decoder):
    return {PREFIX + name: tensor.half() for name, tensor in decoder.state_dict().items()}


@pytest.fixture
def decoder():
    torch.manual_seed(3)
    return TimestampDecoder(8)


@pytest.mark.parametrize(
    ("hidden_size", "num_parameters", "float16_bytes"),
    [(1536, 4_350_471, 8_700_942), (3584, 5_407_239, 10_814_478)],
    ids=["2B", "7B"],
)
def test_sizes_are_the_published_ones(hidden_size, num_parameters, float16_bytes):
    with torch.device("meta"):
        decoder = TimestampDecoder(hidden_size)
    state = decoder.state_dict()
    assert len(state) == len(list(decoder.parameters())) == 93
    assert sum(tensor.numel() for tensor in state.values()) == num_parameters
    assert sum(tensor.half().nbytes for tensor in state.values()) == float16_bytes
    assert {tensor.dtype for tensor in state.values()} == {torch.float32}


@pytest.mark.parametrize("hidden_size", [32, 64])
def test_names_and_shapes_are_the_published_ones(golden, hidden_size):
    wanted = {name: tuple(t.shape) for name, t in drawn_weights(golden, hidden_size).items()}
    state = TimestampDecoder(hidden_size).state_dict()
    assert {name: tuple(tensor.shape) for name, tensor in state.items()} == wanted


def test_a_published_file_fills_the_decoder(golden):
    decoder = load_published_decoder(golden / "videomind_agent_tiny" / "pytorch_model.safetensors")
    assert decoder.hidden_size == 64
    assert not decoder.training
    assert all(parameter.requires_grad for parameter in decoder.parameters())
    state, wanted = decoder.state_dict(), drawn_weights(golden, 64)
    assert all(torch.equal(state[name], wanted[name]) for name in wanted)


def test_a_saved_decoder_comes_back_bit_for_bit(decoder, tmp_path):
    save_decoder(decoder, tmp_path / "decoder.safetensors")
    again = load_decoder(tmp_path / "decoder.safetensors")
    assert all(torch.equal(again.state_dict()[n], t) for n, t in decoder.state_dict().items())
    (path,) = tmp_path.iterdir()
    assert (path.name, oct(path.stat().st_mode & 0o777)) == ("decoder.safetensors", "0o644")
    frames, query = torch.randn(5, 8), torch.randn(8)
    scores = decoder.eval().propose(frames, query).scores
    assert (again.propose(frames, query).scores == scores).all()


def test_the_file_may_change_under_a_loaded_decoder(decoder, tmp_path):
    path = tmp_path / "decoder.safetensors"
    save_decoder(decoder, path)
    loaded = load_decoder(path)
    path.write_bytes(bytes(path.stat().st_size))
    assert torch.equal(loaded.coef.scale, torch.ones(4))


def _without(tensors):
    del tensors[PREFIX + "coef.scale"]


def _with_another(tensors):
    tensors[PREFIX + "bundle_loss._loss_sal.scale"] = torch.ones(1)


def _of_another_shape(tensors):
    tensors[PREFIX + "reg_proj.1.bias"] = torch.ones(255)


def _with_infinity(tensors):
    tensors[PREFIX + "class_head.module.1.weight"][0, 0, 0] = torch.inf


def _without_prefix(tensors):
    tensors["coef.scale"] = tensors.pop(PREFIX + "coef.scale")


def _without_the_first(tensors):
    del tensors[PREFIX + "vis_proj.0.weight"]


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_without, "lacks coef.scale;"),
        (_with_another, "has left over bundle_loss._loss_sal.scale;"),
        (_of_another_shape, "has in another shape reg_proj.1.bias;"),
        (_with_infinity, "has NaN or infinity in class_head.module.1.weight;"),
        (_without_prefix, r"has tensors outside base_model.model.\*: coef.scale;"),
        (_without_the_first, "lacks vis_proj.0.weight;"),
    ],
)
def test_a_tensor_that_is_not_as_it_should_be_is_named(decoder, tmp_path, spoil, told):
    tensors = published(decoder)
    spoil(tensors)
    save_file(tensors, tmp_path / "head.safetensors")
    with pytest.raises(CheckpointError, match=told):
        load_published_decoder(tmp_path / "head.safetensors")


def test_our_file_is_not_taken_for_a_published_one_nor_the_other_way_round(decoder, tmp_path):
    save_decoder(decoder, tmp_path / "ours.safetensors")
    save_file(published(decoder), tmp_path / "theirs.safetensors")
    with pytest.raises(CheckpointError, match="and 88 more"):
        load_published_decoder(tmp_path / "ours.safetensors")
    with pytest.raises(CheckpointError, match=r"lacks vis_proj.0.weight"):
        load_decoder(tmp_path / "theirs.safetensors")


def test_a_missing_and_a_cut_file_are_told_apart(decoder, tmp_path):
    path = tmp_path / "decoder.safetensors"
    with pytest.raises(WeightsMissingError, match="does not exist"):
        load_decoder(path)
    save_decoder(decoder, path)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CheckpointError, match="no whole safetensors file"):
        load_decoder(path)


def test_a_save_that_fails_leaves_the_old_file(decoder, tmp_path, monkeypatch):
    path = tmp_path / "decoder.safetensors"
    save_decoder(decoder, path)
    before = load_file(path)

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("reasoner.videomind.decoder.checkpoint.save_file", full)
    with pytest.raises(OSError, match="No space left"):
        save_decoder(TimestampDecoder(8), path)
    assert load_file(path).keys() == before.keys()
    assert [entry.name for entry in tmp_path.iterdir()] == ["decoder.safetensors"]
