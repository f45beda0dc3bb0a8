"""Where models compute."""

import pytest
import torch

from store.devices import device_memory, device_named
from store.errors import ConfigError, DeviceMemoryError


@pytest.mark.parametrize("name", ["abacus", "meta", "cuda:", "cpu:9999", ""])
def test_a_device_that_models_do_not_run_on_is_refused(name: str) -> None:
    assert device_named("cpu") == torch.device("cpu")
    with pytest.raises(ConfigError, match=f"no device '{name}'; use auto, cpu, cuda or cuda:N"):
        device_named(name)


def test_the_first_gpu_is_taken_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    for here, device in [(True, "cuda"), (False, "cpu")]:
        monkeypatch.setattr(torch.cuda, "is_available", lambda here=here: here)
        assert device_named("auto") == torch.device(device)
    with pytest.raises(ConfigError, match="no GPU that torch can use for 'cuda'; use cpu"):
        device_named("cuda")


def test_a_gpu_that_is_not_here_is_told_those_that_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert device_named("cuda:1") == torch.device("cuda:1")
    with pytest.raises(ConfigError, match="no device 'cuda:2'; use cpu or cuda:0 or cuda:1"):
        device_named("cuda:2")


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError(
            "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of "
            "7.79 GiB of which 1.00 GiB is free. Including non-PyTorch memory, this process has"
        ),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    ],
)
def test_a_full_gpu_is_told_with_the_remedy(error: RuntimeError) -> None:
    with pytest.raises(DeviceMemoryError) as told, device_memory():
        raise error
    assert str(error)[:40] in str(told.value)
    assert "Including" not in str(told.value)
    assert str(told.value).endswith("or end what else uses the memory")


def test_what_a_cpu_cannot_hold_is_told_too() -> None:
    too_much = "tried to allocate 70368744177664 bytes.*buy more"
    with pytest.raises(DeviceMemoryError, match=too_much), device_memory("buy more"):
        torch.empty(1 << 46, dtype=torch.uint8)


def test_other_errors_stay_what_they_are() -> None:
    with pytest.raises(RuntimeError, match="tensor size"), device_memory():
        torch.ones(2) @ torch.ones(3)
