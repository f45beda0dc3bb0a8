"""What is read from a checkpoint's folder, and what is refused."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from reasoner.videomind.base_model import load_base_model
from reasoner.videomind.checkpoints.adapter import TENSORS_FILE, read_adapter
from reasoner.videomind.checkpoints.adapter_settings import SETTINGS_FILE
from reasoner.videomind.checkpoints.base_weights import INDEX_FILE, BaseWeights
from reasoner.videomind.checkpoints.checkpoint import (
    CONFIG,
    CONVERTED_CONFIG,
    GENERATION_CONFIG,
    open_checkpoint,
)
from reasoner.videomind.tokens import read_tokenizer, role_tokens, video_tokens
from store.errors import CheckpointError, WeightsMissingError
from tests.reasoner.videomind.tiny_checkpoint import (
    LAYERS,
    TARGETS,
    build_checkpoint,
    tiny_tokenizer,
)

LORA = "base_model.model.model.layers.1.self_attn.q_proj.lora_B.weight"

CONVERTED = {
    "format": 1,
    "base": "base",
    "roles": [],
    "has_decoder": False,
    "tokens": {},
    "end_token_ids": [],
}

Tensors = dict[str, torch.Tensor]


@pytest.fixture
def folder(published: Path, tmp_path: Path) -> Path:
    return shutil.copytree(published, tmp_path / "checkpoint")


def test_the_parts_of_a_published_folder(published: Path) -> None:
    checkpoint = open_checkpoint(published)
    assert checkpoint.base == published / "base"
    assert set(checkpoint.adapters) == {"planner", "grounder", "verifier"}
    assert checkpoint.decoder == published / "pytorch_model.safetensors"
    assert checkpoint.end_token_ids == (tiny_tokenizer().token_to_id("<|im_end|>"),)


def test_a_plain_base_model_has_no_roles(published: Path) -> None:
    checkpoint = open_checkpoint(published / "base")
    assert checkpoint.base == published / "base"
    assert not checkpoint.adapters
    assert checkpoint.decoder is None


def test_the_base_may_lie_elsewhere(folder: Path, tmp_path: Path) -> None:
    (folder / "base").rename(tmp_path / "elsewhere")
    with pytest.raises(WeightsMissingError, match=r"'base =' in \[videomind\].*--base"):
        open_checkpoint(folder)
    assert open_checkpoint(folder, tmp_path / "elsewhere").base == tmp_path / "elsewhere"


def test_a_folder_without_adapters_is_incomplete(folder: Path) -> None:
    for role in ("planner", "grounder", "verifier"):
        shutil.rmtree(folder / role)
    with pytest.raises(WeightsMissingError, match="holds no adapter"):
        open_checkpoint(folder)


def test_an_adapter_gets_the_names_of_today(published: Path) -> None:
    base = BaseWeights(published / "base")
    stored = load_file(published / "grounder" / TENSORS_FILE)
    adapter = read_adapter(published / "grounder", base)
    assert len(adapter.tensors) == len(stored) == LAYERS * len(TARGETS) * 2 + 2
    assert adapter.tensors.keys() > {"model.language_model.embed_tokens.weight", "lm_head.weight"}
    name = "model.language_model.layers.1.self_attn.q_proj.lora_B.weight"
    assert torch.equal(adapter.tensors[name], stored[LORA])
    assert adapter.settings.targets == tuple(sorted(TARGETS))


def test_full_names_of_some_layers_are_converted(folder: Path) -> None:
    names = [f"model.layers.1.self_attn.{target}" for target in TARGETS]
    edit_settings(folder / "planner", target_modules=names)
    edit_tensors(
        folder / "planner",
        lambda tensors: {name: each for name, each in tensors.items() if ".layers.1." in name},
    )
    adapter = read_adapter(folder / "planner", BaseWeights(folder / "base"))
    assert adapter.settings.targets[0] == "model.language_model.layers.1.self_attn.k_proj"
    assert len(adapter.tensors) == len(TARGETS) * 2


def without(tensors: Tensors) -> Tensors:
    return {name: each for name, each in tensors.items() if name != LORA}


def renamed(tensors: Tensors) -> Tensors:
    return without(tensors) | {LORA.replace("q_proj", "x_proj"): tensors[LORA]}


def with_one_more(tensors: Tensors) -> Tensors:
    return tensors | {LORA.replace("layers.1", "layers.7"): tensors[LORA].clone()}


def misshapen(tensors: Tensors) -> Tensors:
    return tensors | {LORA: tensors[LORA][:, :2].contiguous()}


def without_prefix(tensors: Tensors) -> Tensors:
    return tensors | {"odd.weight": torch.zeros(1)}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without, r"missing: .*layers\.1\.self_attn\.q_proj\.lora_B"),
        (renamed, r"missing: .*q_proj\.lora_B.*left over: .*x_proj\.lora_B"),
        (with_one_more, r"left over: .*layers\.7\.self_attn\.q_proj\.lora_B"),
        (misshapen, r"misshapen: .*q_proj\.lora_B\.weight is \(32, 2\) and not \(32, 4\)"),
        (without_prefix, r"odd\.weight"),
    ],
)
@pytest.mark.parametrize("role", ["planner", "grounder"])
def test_a_tensor_out_of_order_is_named(
    folder: Path, role: str, change: Callable[[Tensors], Tensors], said: str
) -> None:
    edit_tensors(folder / role, change)
    with pytest.raises(CheckpointError, match=said):
        read_adapter(folder / role, BaseWeights(folder / "base"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"use_dora": True}, "use_dora"),
        ({"bias": "all"}, "bias"),
        ({"peft_type": "IA3"}, "peft_type"),
        ({"target_modules": "all-linear"}, "in a list"),
        ({"target_modules": [*TARGETS, "z_proj"]}, "z_proj"),
        ({"r": None}, "not what peft writes"),
    ],
)
def test_another_kind_of_adapter_is_refused(
    folder: Path, changes: dict[str, object], said: str
) -> None:
    edit_settings(folder / "planner", **changes)
    with pytest.raises(CheckpointError, match=said):
        read_adapter(folder / "planner", BaseWeights(folder / "base"))


def test_a_torn_file_is_named(folder: Path) -> None:
    path = folder / "planner" / TENSORS_FILE
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(CheckpointError, match=r"planner.*cannot be read"):
        read_adapter(folder / "planner", BaseWeights(folder / "base"))


def test_a_tensor_that_the_base_lacks_or_has_too_many_is_named(folder: Path) -> None:
    path = folder / "base" / "model.safetensors"
    tensors = load_file(path)
    name = next(each for each in tensors if each.endswith("layers.0.mlp.up_proj.weight"))
    tensors["odd.weight"] = tensors.pop(name)
    save_file(tensors, path, metadata={"format": "pt"})
    with pytest.raises(CheckpointError, match=r"missing: .*up_proj.*left over: odd"):
        load_base_model(folder / "base", torch.float32)


def test_a_misshapen_tensor_of_the_base_is_named(folder: Path) -> None:
    path = folder / "base" / "model.safetensors"
    tensors = load_file(path)
    name = next(each for each in tensors if each.endswith("layers.0.mlp.up_proj.weight"))
    tensors[name] = tensors[name][:3].contiguous()
    save_file(tensors, path, metadata={"format": "pt"})
    with pytest.raises(CheckpointError, match=r"misshapen: .*up_proj"):
        load_base_model(folder / "base", torch.float32)


@pytest.mark.parametrize("words", ["{", "{}", '{"weight_map": 1}'])
def test_a_damaged_list_of_the_base_s_files_is_named(folder: Path, words: str) -> None:
    (folder / "base" / INDEX_FILE).write_text(words)
    with pytest.raises(CheckpointError, match=rf"{INDEX_FILE} .*; fetch"):
        BaseWeights(folder / "base")


def test_a_base_of_another_kind_is_refused(folder: Path) -> None:
    edit_json(folder / "base" / CONFIG, model_type="llama")
    with pytest.raises(CheckpointError, match=r"llama.*qwen2_vl"):
        load_base_model(folder / "base", torch.float32)


def test_a_base_of_another_kind_than_the_adapters_is_refused(folder: Path, tmp_path: Path) -> None:
    other = build_checkpoint(tmp_path / "other", 5, kind="qwen2_5_vl") / "base"
    said = r"made for a base model of type qwen2_vl and .* is of type 'qwen2_5_vl'; name the base"
    with pytest.raises(CheckpointError, match=said):
        open_checkpoint(folder, other)


def test_token_ids_come_from_the_tokenizer(published: Path) -> None:
    checkpoint, expected = open_checkpoint(published), tiny_tokenizer()
    tokenizer = read_tokenizer(checkpoint)
    tokens = role_tokens(tokenizer, checkpoint)
    assert tokens.yes == expected.token_to_id("Yes")
    assert tokens.no == expected.token_to_id("No")
    assert tokens.reg == expected.token_to_id("<|reg|>")
    assert video_tokens(tokenizer).video_pad == expected.token_to_id("<|video_pad|>")


def test_a_tokenizer_that_remembers_how_texts_were_cut_cuts_none(folder: Path) -> None:
    path = folder / "tokenizer.json"
    before = Tokenizer.from_file(str(path))
    before.enable_truncation(3)
    before.enable_padding(length=9)
    before.save(str(path))
    tokenizer = read_tokenizer(open_checkpoint(folder))
    assert len(tokenizer.encode("abcde", add_special_tokens=False).ids) == 5


def test_where_a_text_ends_is_said_by_either_configuration(folder: Path) -> None:
    expected = open_checkpoint(folder).end_token_ids
    (folder / "generation_config.json").write_text('{"temperature": 0.1}')
    assert open_checkpoint(folder).end_token_ids == expected


def test_a_tokenizer_that_contradicts_the_configuration_is_refused(folder: Path) -> None:
    edit_json(folder / CONFIG, reg_token_id=3)
    checkpoint = open_checkpoint(folder)
    with pytest.raises(CheckpointError, match=r"<\|reg\|> is token \d+ .* and 3 in the"):
        role_tokens(read_tokenizer(checkpoint), checkpoint)


def test_a_tokenizer_that_splits_yes_is_refused(folder: Path) -> None:
    path = folder / "tokenizer.json"
    path.write_text(path.read_text("utf-8").replace('"Yes"', '"Yep"'), "utf-8")
    checkpoint = open_checkpoint(folder)
    with pytest.raises(CheckpointError, match="'Yes' into 3 tokens"):
        role_tokens(read_tokenizer(checkpoint), checkpoint)


@pytest.mark.parametrize(
    ("file", "changes", "said"),
    [
        (CONFIG, {"reg_token_id": None}, "None is no id of a token"),
        (CONFIG, {"reg_token_id": "7"}, "'7' is no id of a token"),
        (CONFIG, {"eos_token_id": "x"}, "'x' is no id of a token"),
        (GENERATION_CONFIG, {"eos_token_id": [1, "x"]}, "'x' is no id of a token"),
        (CONVERTED_CONFIG, {"format": 1}, "'base'"),
        (CONVERTED_CONFIG, {**CONVERTED, "roles": 1}, "not iterable"),
        (CONVERTED_CONFIG, {**CONVERTED, "tokens": []}, "items"),
        (CONVERTED_CONFIG, {**CONVERTED, "end_token_ids": "12"}, "'1' is no id of a token"),
    ],
)
def test_a_configuration_that_says_what_it_must_not_is_named(
    folder: Path, file: str, changes: dict[str, object], said: str
) -> None:
    path = folder / file
    if not path.is_file():
        path.write_text("{}")
    edit_json(path, **changes)
    with pytest.raises(CheckpointError, match=rf"{re.escape(str(path))} does not .*{said}"):
        open_checkpoint(folder)


def test_a_base_model_with_a_wrong_setting_is_named(folder: Path) -> None:
    path = folder / "base" / CONFIG
    text = json.loads(path.read_text("utf-8"))["text_config"]
    edit_json(path, text_config=text | {"hidden_size": "a"})
    with pytest.raises(CheckpointError, match=r"base cannot be loaded \(.*hidden_size.*fetch"):
        load_base_model(folder / "base", torch.float32)


def edit_tensors(folder: Path, change: Callable[[Tensors], Tensors]) -> None:
    tensors = change(load_file(folder / TENSORS_FILE))
    save_file(tensors, folder / TENSORS_FILE, metadata={"format": "pt"})


def edit_settings(folder: Path, **changes: object) -> None:
    edit_json(folder / SETTINGS_FILE, **changes)


def edit_json(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")
