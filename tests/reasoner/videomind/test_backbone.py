"""Roles on one model: what they share and that none leaves a trace in another."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file

from reasoner.videomind.backbone import Backbone, load_backbone
from reasoner.videomind.base_model import dtype_of, load_base_model
from reasoner.videomind.checkpoints.adapter import read_adapter
from reasoner.videomind.checkpoints.base_weights import BaseWeights
from reasoner.videomind.checkpoints.checkpoint import Checkpoint, open_checkpoint
from reasoner.videomind.model_input import Grid, ModelInput
from reasoner.videomind.options import BackboneOptions
from reasoner.videomind.reading import Reading, generate
from reasoner.videomind.role_switch import RoleSwitch, adapter_slots
from store.errors import CheckpointError, DeviceMemoryError
from tests.reasoner.videomind.conftest import ON_CPU, SEED
from tests.reasoner.videomind.tiny_checkpoint import build_checkpoint, tiny_tokenizer

ROLES = ("planner", "grounder", "verifier", "answerer")
GRID = (2, 4, 4)
NUM_VIDEO_TOKENS = 8
VIDEO_PAD = tiny_tokenizer().token_to_id("<|video_pad|>")
MAX_TURNS = 12
PATCH_VALUES = 3 * 2 * 14 * 14
BFLOAT16_TOLERANCE = 0.1
"""Of the largest logit: eight bits of mantissa through two layers and large random factors."""
STATES_TOLERANCE = 1e-4
"""Of float32 states of size ten, computed in one piece and token by token."""


def in_a_row(
    token_ids: NDArray[np.int64], _grids: Sequence[Grid], _intervals: Sequence[float]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions as if all were text; roles do not differ in them."""
    table = np.broadcast_to(np.arange(token_ids.shape[1]), (3, *token_ids.shape))
    return table, np.zeros(1, np.int64)


def load(checkpoint: Checkpoint) -> Backbone:
    return load_backbone(checkpoint, VIDEO_PAD, in_a_row, ON_CPU)


def with_video(backbone: Backbone) -> ModelInput:
    draw = torch.Generator().manual_seed(SEED)
    pixels = torch.randn(int(np.prod(GRID)), PATCH_VALUES, generator=draw)
    ids = (5, 6, *[VIDEO_PAD] * NUM_VIDEO_TOKENS, 7, 8, 9)
    return ModelInput(ids, backbone.encode_video(pixels, GRID))


@pytest.fixture(scope="module")
def four_roles(published: Path) -> Backbone:
    return load(open_checkpoint(published))


@pytest.fixture(scope="module")
def lone_roles(published: Path) -> dict[str, Backbone]:
    """Each role on a model that no other role was ever put on."""
    checkpoint = open_checkpoint(published)
    return {
        role: load(
            replace(
                checkpoint,
                adapters={each: path for each, path in checkpoint.adapters.items() if each == role},
            )
        )
        for role in ROLES
    }


@pytest.fixture(scope="module")
def alone(lone_roles: dict[str, Backbone]) -> dict[str, torch.Tensor]:
    """What may follow the prompt."""
    return {role: Reading(one, role, with_video(one)).logits for role, one in lone_roles.items()}


@pytest.fixture(scope="module")
def written_alone(lone_roles: dict[str, Backbone]) -> dict[str, list[torch.Tensor]]:
    """What may follow the prompt and each token behind it."""
    steps: dict[str, list[torch.Tensor]] = {}
    for role, one in lone_roles.items():
        reading = Reading(one, role, with_video(one))
        steps[role] = [reading.logits]
        while len(steps[role]) < MAX_TURNS:
            reading.write(int(reading.logits.argmax()))
            steps[role].append(reading.logits)
    return steps


def test_the_roles_differ(alone: dict[str, torch.Tensor]) -> None:
    for one in ROLES:
        for other in ROLES:
            assert torch.equal(alone[one], alone[other]) == (one == other)


@settings(max_examples=15)
@given(order=st.lists(st.sampled_from(ROLES), min_size=1, max_size=6))
def test_roles_in_any_order_leave_no_trace(
    four_roles: Backbone, alone: dict[str, torch.Tensor], order: list[str]
) -> None:
    for role in order:
        logits = Reading(four_roles, role, with_video(four_roles)).logits
        assert torch.equal(logits, alone[role])


def test_without_adapters_the_model_is_the_base_bit_for_bit(
    published: Path, four_roles: Backbone
) -> None:
    generate(four_roles, "grounder", with_video(four_roles), 2)
    plain = load_base_model(published / "base", torch.float32)
    prompt = with_video(four_roles)
    ids = torch.tensor([prompt.token_ids])
    with torch.inference_mode():
        embedded = plain.get_input_embeddings()(ids)
        assert prompt.video is not None
        places = (ids == VIDEO_PAD)[..., None]
        output = plain.model.language_model(
            inputs_embeds=embedded.masked_scatter(places, prompt.video.features),
            position_ids=torch.from_numpy(in_a_row(ids.numpy(), [], [])[0].copy()),
        )
        logits = plain.lm_head(output.last_hidden_state[0, -1])
    assert torch.equal(Reading(four_roles, "answerer", prompt).logits, logits)


@settings(max_examples=15)
@given(turns=st.lists(st.sampled_from(ROLES), min_size=2, max_size=MAX_TURNS))
def test_roles_write_in_any_turns_as_they_do_alone(
    four_roles: Backbone, written_alone: dict[str, list[torch.Tensor]], turns: list[str]
) -> None:
    prompt = with_video(four_roles)
    readings: dict[str, Reading] = {}
    steps = dict.fromkeys(ROLES, 0)
    for role in turns:
        if role in readings:
            readings[role].write(int(readings[role].logits.argmax()))
            steps[role] += 1
        else:
            readings[role] = Reading(four_roles, role, prompt)
        assert torch.equal(readings[role].logits, written_alone[role][steps[role]])


def test_a_switch_that_is_refused_leaves_no_trace(published: Path) -> None:
    checkpoint = open_checkpoint(published)
    adapters = {role: path for role, path in checkpoint.adapters.items() if role != "planner"}
    backbone = load(replace(checkpoint, adapters=adapters))
    for role in ("grounder", "answerer", "verifier"):
        before = Reading(backbone, role, with_video(backbone)).logits
        with pytest.raises(CheckpointError, match="no adapter for the planner"):
            Reading(backbone, "planner", with_video(backbone))
        assert torch.equal(Reading(backbone, role, with_video(backbone)).logits, before)


def test_what_is_written_is_read_as_if_it_had_stood_in_the_prompt(four_roles: Backbone) -> None:
    prompt = with_video(four_roles)
    written = generate(four_roles, "grounder", prompt, 4)
    whole = replace(prompt, token_ids=prompt.token_ids + written.token_ids[:-1])
    states = Reading(four_roles, "grounder", whole).prompt_states[-4:]
    torch.testing.assert_close(written.states, states, rtol=0, atol=STATES_TOLERANCE)


def test_writing_stops_at_an_end_token(four_roles: Backbone) -> None:
    prompt = with_video(four_roles)
    free = generate(four_roles, "planner", prompt, 4)
    first = free.token_ids[0]
    assert generate(four_roles, "planner", prompt, 4, {first}).token_ids == ()
    assert generate(four_roles, "planner", prompt, 4, {first}).is_ended
    later = next(n for n, each in enumerate(free.token_ids) if each != first)
    stopped = generate(four_roles, "planner", prompt, 4, {free.token_ids[later]})
    assert stopped.token_ids == free.token_ids[:later]
    assert len(stopped.states) == later


def test_a_token_that_opens_the_text_tells_no_moment(four_roles: Backbone) -> None:
    written = generate(four_roles, "grounder", with_video(four_roles), 1)
    assert len(written.states_before(written.token_ids[0])) == 0


def test_a_role_without_adapter_is_not_played_by_the_base(published: Path) -> None:
    base = load(open_checkpoint(published / "base"))
    assert Reading(base, "answerer", with_video(base)).logits.isfinite().all()
    with pytest.raises(CheckpointError, match="no adapter for the grounder"):
        Reading(base, "grounder", with_video(base))


def test_an_answerers_own_adapter_is_used(published: Path, alone: dict[str, torch.Tensor]) -> None:
    checkpoint = open_checkpoint(published)
    adapters = {"answerer": checkpoint.adapters["planner"]}
    backbone = load(replace(checkpoint, adapters=adapters))
    logits = Reading(backbone, "answerer", with_video(backbone)).logits
    assert torch.equal(logits, alone["planner"])
    # Captions are the base model's even so.
    logits = Reading(backbone, "captioner", with_video(backbone)).logits
    assert torch.equal(logits, alone["answerer"])


def test_an_adapter_on_the_vision_tower_is_refused(published: Path, tmp_path: Path) -> None:
    adapter = tmp_path / "planner"
    adapter.mkdir()
    (adapter / "adapter_config.json").write_text(
        '{"peft_type": "LORA", "r": 1, "lora_alpha": 1, "target_modules": ["visual.merger.mlp.0"]}'
    )
    name = "base_model.model.visual.merger.mlp.0"
    size = 4 * 16
    factors = {"A": torch.zeros(1, size), "B": torch.zeros(size, 1)}
    save_file(
        {f"{name}.lora_{kind}.weight": each for kind, each in factors.items()},
        adapter / "adapter_model.safetensors",
    )
    with pytest.raises(CheckpointError, match="vision tower"):
        load(replace(open_checkpoint(published), adapters={"planner": adapter}))


def test_loading_draws_no_random_numbers_of_the_callers(published: Path) -> None:
    torch.manual_seed(SEED)
    expected = torch.rand(3)
    torch.manual_seed(SEED)
    load(open_checkpoint(published))
    assert torch.equal(torch.rand(3), expected)


def test_nothing_is_left_to_train(four_roles: Backbone) -> None:
    assert not Reading(four_roles, "grounder", with_video(four_roles)).logits.requires_grad


def test_features_have_to_fit_their_places(four_roles: Backbone) -> None:
    prompt = with_video(four_roles)
    with pytest.raises(ValueError, match="7 places for 8 rows"):
        four_roles.embed("planner", replace(prompt, token_ids=prompt.token_ids[:9]))
    with pytest.raises(ValueError, match="has 32 patches, got 31"):
        four_roles.encode_video(torch.zeros(31, PATCH_VALUES), GRID)


def test_peft_that_places_adapters_elsewhere_is_refused(published: Path) -> None:
    base = BaseWeights(published / "base")
    adapter = read_adapter(published / "planner", base)
    fewer: dict[str, Any] = dict(adapter.tensors)
    fewer.pop(next(iter(fewer)))
    model = load_base_model(base.folder, torch.float32)
    with pytest.raises(CheckpointError, match="disagree about"):
        RoleSwitch(model, {"planner": replace(adapter, tensors=fewer)})


def test_qwen2_5_vl_goes_the_same_way(tmp_path: Path) -> None:
    folder = build_checkpoint(tmp_path / "published", SEED, kind="qwen2_5_vl")
    backbone = load(open_checkpoint(folder))
    prompt = with_video(backbone)
    logits = [Reading(backbone, role, prompt).logits for role in (*ROLES, *ROLES)]
    for first, second in zip(logits[:4], logits[4:], strict=True):
        assert torch.equal(first, second)
    assert not torch.equal(logits[0], logits[3])
    assert len(generate(backbone, "grounder", prompt, 3).states) == 3
    plain = load_file(folder / "base" / "model.safetensors")
    assert any("mlp.gate_proj" in name and "visual" in name for name in plain)


def test_half_precision_is_that_of_the_adapters_too(
    published: Path, alone: dict[str, torch.Tensor]
) -> None:
    checkpoint = open_checkpoint(published)
    halved = BackboneOptions(device="cpu", precision="bfloat16")
    backbone = load_backbone(checkpoint, VIDEO_PAD, in_a_row, halved)
    for role in ROLES:
        reading = Reading(backbone, role, with_video(backbone))
        assert reading.state.dtype == torch.bfloat16
        apart = (reading.logits - alone[role]).abs().max()
        assert float(apart) < BFLOAT16_TOLERANCE * float(alone[role].abs().max())


def test_float16_adapters_are_not_rounded_to_bfloat16(published: Path) -> None:
    checkpoint = open_checkpoint(published)
    halved = BackboneOptions(device="cpu", precision="bfloat16")
    backbone = load_backbone(checkpoint, VIDEO_PAD, in_a_row, halved)
    assert backbone.dtype == torch.bfloat16
    base = BaseWeights(checkpoint.base)
    for role, folder in checkpoint.adapters.items():
        stored = read_adapter(folder, base).tensors
        slots = adapter_slots(backbone._switch._peft, role)
        assert {slot.dtype for slot in slots.values()} == {torch.float16}
        assert all(torch.equal(slots[name], stored[name]) for name in slots)


def full(*_: object, **__: object) -> None:
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


def test_a_gpu_that_is_full_is_told(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backbone = load(open_checkpoint(published))
    prompt = with_video(backbone)
    model = backbone._model
    for part, method in [
        (model.model.visual, "forward"),
        (model.model.language_model, "forward"),
        (model.lm_head, "forward"),
        (model.get_input_embeddings(), "forward"),
    ]:
        with monkeypatch.context() as patched:
            patched.setattr(part, method, full)
            with pytest.raises(DeviceMemoryError, match=r"2\.00 GiB.*smaller model.*fewer frames"):
                Reading(backbone, "answerer", with_video(backbone))
    with monkeypatch.context() as patched:
        patched.setattr(backbone, "positions", full)
        with pytest.raises(DeviceMemoryError, match="smaller model"):
            backbone.last_logits("answerer", [prompt])


@pytest.mark.parametrize("method", ["from_pretrained", "to"])
def test_a_model_that_has_no_room_is_not_to_be_fetched_again(
    published: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setattr(transformers.Qwen2VLForConditionalGeneration, method, full)
    with pytest.raises(DeviceMemoryError, match="smaller model"):
        load(open_checkpoint(published))


def test_the_precision_is_chosen_by_what_is_here() -> None:
    cpu = torch.device("cpu")
    assert dtype_of(BackboneOptions(), cpu) == torch.float32
    assert dtype_of(BackboneOptions(precision="bfloat16"), cpu) == torch.bfloat16
    with pytest.raises(ValueError, match="precision"):
        BackboneOptions(precision="int3")
