"""The converted form: what it holds, what it saves, and that nothing changes by it."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from reasoner.videomind.checkpoints.adapter import TENSORS_FILE, read_adapter
from reasoner.videomind.checkpoints.base_weights import BaseWeights
from reasoner.videomind.checkpoints.checkpoint import PUBLISHED_DECODER, open_checkpoint
from reasoner.videomind.checkpoints.conversion import convert
from reasoner.videomind.decoder import open_decoder
from reasoner.videomind.reading import Reading
from store.errors import CheckpointError, InputError, WeightsDigestError
from tests.reasoner.videomind.conftest import load_agent
from tests.reasoner.videomind.golden_agent import GoldenAgent, copy_of

CHANGED_ROWS = 10
"""That ``build_checkpoint`` changes in each copy."""


def test_every_tensor_comes_back_bit_for_bit(published: Path, tmp_path: Path) -> None:
    convert(published, tmp_path / "converted")
    source, target = open_checkpoint(published), open_checkpoint(tmp_path / "converted")
    assert target.base.resolve() == source.base
    assert target.end_token_ids == source.end_token_ids
    assert target.declared_tokens == source.declared_tokens
    base = BaseWeights(source.base)
    for role, folder in source.adapters.items():
        before, after = read_adapter(folder, base), read_adapter(target.adapters[role], base)
        assert before.settings == after.settings
        equal(before.tensors, after.tensors)
    assert source.decoder
    assert target.decoder
    decoder = dict(open_decoder(source.decoder).state_dict())
    equal(decoder, dict(open_decoder(target.decoder).state_dict()))
    assert load_file(target.decoder).keys() == decoder.keys()


def test_matrices_that_hardly_changed_are_kept_as_rows(published: Path, tmp_path: Path) -> None:
    told = convert(published, tmp_path / "converted")
    by_role = {role.role: role for role in told.roles}
    assert by_role["planner"].matrices == ()
    for role in ("grounder", "verifier"):
        matrices = by_role[role].matrices
        assert [matrix.num_changed_rows for matrix in matrices] == [CHANGED_ROWS] * 2
        assert all(matrix.is_delta for matrix in matrices)
        assert by_role[role].num_bytes < by_role[role].source_bytes
    names = load_file(tmp_path / "converted" / "grounder" / TENSORS_FILE)
    assert "base_model.model.lm_head.weight" not in names
    assert len(names["base_model.model.lm_head.weight.rows"]) == CHANGED_ROWS


def test_a_matrix_that_changed_in_most_rows_is_kept_whole(published: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(published, tmp_path / "published")
    path = folder / "grounder" / TENSORS_FILE
    tensors = load_file(path)
    tensors["base_model.model.lm_head.weight"] *= 2
    save_file(tensors, path, metadata={"format": "pt"})
    told = convert(folder, tmp_path / "converted")
    matrices = {each.name: each for each in told.roles[1].matrices}
    assert told.roles[1].role == "grounder"
    assert not matrices["lm_head.weight"].is_delta
    assert matrices["model.language_model.embed_tokens.weight"].is_delta
    base = BaseWeights(folder / "base")
    again = read_adapter(tmp_path / "converted" / "grounder", base)
    equal(read_adapter(folder / "grounder", base).tensors, again.tensors)


def test_a_converted_form_can_be_converted(published: Path, tmp_path: Path) -> None:
    convert(published, tmp_path / "once")
    convert(tmp_path / "once", tmp_path / "twice")
    for file in ("grounder", "planner"):
        once, twice = (tmp_path / each / file / TENSORS_FILE for each in ("once", "twice"))
        assert once.read_bytes() == twice.read_bytes()


def test_rows_are_not_put_into_another_base(published: Path, tmp_path: Path) -> None:
    convert(published, tmp_path / "converted")
    other = shutil.copytree(published / "base", tmp_path / "other")
    tensors = load_file(other / "model.safetensors")
    name = next(each for each in tensors if each.endswith("embed_tokens.weight"))
    tensors[name][0, 0] += 1
    save_file(tensors, other / "model.safetensors", metadata={"format": "pt"})
    checkpoint = open_checkpoint(tmp_path / "converted", other)
    with pytest.raises(WeightsDigestError, match=r"(embed_tokens|lm_head).*another base"):
        read_adapter(checkpoint.adapters["grounder"], BaseWeights(checkpoint.base))


def test_rows_without_their_numbers_are_refused(published: Path, tmp_path: Path) -> None:
    convert(published, tmp_path / "converted")
    path = tmp_path / "converted" / "grounder" / TENSORS_FILE
    tensors = load_file(path)
    del tensors["base_model.model.lm_head.weight.row_indices"]
    save_file(tensors, path)
    with pytest.raises(CheckpointError, match=r"missing: lm_head\.weight.*left over.*\.rows"):
        read_adapter(path.parent, BaseWeights(published / "base"))


def test_a_converted_form_of_the_future_is_refused(published: Path, tmp_path: Path) -> None:
    convert(published, tmp_path / "converted")
    path = tmp_path / "converted" / "videomind.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 99}))
    with pytest.raises(CheckpointError, match="format 99"):
        open_checkpoint(tmp_path / "converted")


def test_nothing_is_overwritten(published: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="exists"):
        convert(published, tmp_path)


def test_a_source_out_of_order_leaves_nothing_behind(published: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(published, tmp_path / "published")
    path = folder / "verifier" / TENSORS_FILE
    save_file({"base_model.model.lm_head.weight": torch.zeros(2, 2)}, path)
    with pytest.raises(CheckpointError, match="verifier"):
        convert(folder, tmp_path / "converted")
    assert [each.name for each in tmp_path.iterdir()] == ["published"]


def test_a_plain_base_has_nothing_to_convert(published: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no adapters"):
        convert(published / "base", tmp_path / "converted")


def test_the_converted_agent_gives_the_same_logits(
    agent: GoldenAgent, golden: Path, tmp_path: Path
) -> None:
    source = copy_of(agent, tmp_path / "agent")
    decoder = golden / "videomind_agent_tiny" / PUBLISHED_DECODER
    shutil.copyfile(decoder, source / PUBLISHED_DECODER)  # only one of them has its own
    convert(source, tmp_path / "converted")
    before, after = load_agent(agent), load_agent(agent, tmp_path / "converted")
    case = agent.cases[0]
    for role in ("planner", "grounder", "verifier", "answerer"):
        expected = Reading(before, role, agent.prompt(before, case)).logits
        assert torch.equal(Reading(after, role, agent.prompt(after, case)).logits, expected)


def equal(before: object, after: object) -> None:
    torch.testing.assert_close(after, before, rtol=0, atol=0)
