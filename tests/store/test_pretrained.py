"""Loading through transformers."""

import contextlib
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import SiglipModel
from transformers.utils import logging

from store.errors import CheckpointError
from store.pretrained import check_pretrained, load_pretrained, quiet_transformers
from tests.indexer.tiny_siglip import build_siglip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return build_siglip(tmp_path / "tiny", 3)


def load(folder: Path) -> None:
    load_pretrained(SiglipModel, folder, torch.float32)


def check(folder: Path) -> None:
    check_pretrained(SiglipModel, folder)


@pytest.mark.parametrize("account", [load, check])
def test_every_tensor_is_accounted_for(folder: Path, account: Callable[[Path], None]) -> None:
    account(folder)
    path = folder / "model.safetensors"
    tensors = load_file(path)
    gone, cut, *_ = sorted(name for name, tensor in tensors.items() if tensor.ndim == 2)
    del tensors[gone]
    tensors[cut] = tensors[cut][:1].contiguous()
    tensors["odd.weight"] = torch.zeros(1)
    save_file(tensors, path, metadata={"format": "pt"})
    with pytest.raises(CheckpointError) as told:
        account(folder)
    assert f"missing: {gone}; left over: odd.weight; misshapen: {cut}" in str(told.value)


@pytest.mark.parametrize("account", [load, check])
def test_a_file_that_was_cut_off_is_told(folder: Path, account: Callable[[Path], None]) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(
        CheckpointError, match=r"tiny cannot be loaded \(.*fetch the checkpoint again"
    ):
        account(folder)


def test_a_check_reads_no_values(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[SiglipModel] = []
    load = SiglipModel.from_pretrained

    def noted(*arguments: object, **how: object) -> object:
        model, account = load(*arguments, **how)
        loaded.append(model)
        return model, account

    monkeypatch.setattr(SiglipModel, "from_pretrained", noted)
    check(folder)
    (model,) = loaded
    assert {tensor.device.type for tensor in model.parameters()} == {"meta"}


def test_transformers_is_quiet_for_a_while_only() -> None:
    before = logging.get_verbosity(), logging.is_progress_bar_enabled()
    filters = list(warnings.filters)
    with contextlib.suppress(KeyError), quiet_transformers():
        assert logging.get_verbosity() == logging.ERROR
        assert not logging.is_progress_bar_enabled()
        raise KeyError
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == before
    assert list(warnings.filters) == filters
