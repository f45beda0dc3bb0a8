"""Where models compute."""

import contextlib
import warnings

import pytest
import torch
from transformers.utils import logging

from store.devices import device_named, quiet_transformers
from store.errors import ConfigError


def test_a_device_that_torch_does_not_know_is_refused() -> None:
    assert device_named("cpu") == torch.device("cpu")
    with pytest.raises(ConfigError, match="no device 'abacus'; use cpu"):
        device_named("abacus")


def test_the_first_gpu_is_taken_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for here, device in [(True, "cuda"), (False, "cpu")]:
        monkeypatch.setattr(torch.cuda, "is_available", lambda here=here: here)
        assert device_named("auto") == torch.device(device)
    with pytest.raises(ConfigError, match="no GPU that torch can use for 'cuda'; use cpu"):
        device_named("cuda")


def test_transformers_is_quiet_for_a_while_only() -> None:
    before = logging.get_verbosity(), logging.is_progress_bar_enabled()
    filters = list(warnings.filters)
    with contextlib.suppress(KeyError), quiet_transformers():
        assert logging.get_verbosity() == logging.ERROR
        assert not logging.is_progress_bar_enabled()
        raise KeyError
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == before
    assert list(warnings.filters) == filters
