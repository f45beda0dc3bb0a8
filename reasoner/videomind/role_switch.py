"""One base model that takes the adapters of the roles on and off in place.

peft lives here.
"""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch

from reasoner.videomind.checkpoints.adapter import Adapter
from reasoner.videomind.checkpoints.adapter_settings import AdapterSettings
from reasoner.videomind.checkpoints.names import PEFT_PREFIX, VISION_TREE
from store.errors import CheckpointError

CAPTIONER = "captioner"
"""Has no adapter in any checkpoint: captions are kept, and are the base model's whatever answers
questions."""
BASE_ROLES = ("answerer", CAPTIONER)
"""The published release has no adapter for them."""


class RoleSwitch:
    """The adapters on a model, of which one or none is on.

    Args:
        model: A base model as ``load_base_model`` returns it; its modules are wrapped in place.
        adapters: By role. The answerer without one, and the captioner, are the base model itself.

    Attributes:
        active: The role whose adapter is on; ``None`` where the model is the bare base.

    Raises:
        CheckpointError: An adapter does not fit the model tensor for tensor, or changes the vision
            tower, whose features the roles share.
    """

    def __init__(self, model: Any, adapters: Mapping[str, Adapter]) -> None:
        self._peft: Any = None
        self.active: str | None = None
        for role, adapter in adapters.items():
            _refuse_vision(role, adapter)
            self._put_on(model, role, adapter)
        model.eval().requires_grad_(False)
        self._roles = frozenset(adapters)
        if self._peft is not None:
            self._peft.base_model.disable_adapter_layers()

    def switch(self, role: str) -> None:
        """Turn on the role's adapter; for an answerer that has none or a captioner, turn all off.

        Raises:
            CheckpointError: Another role has no adapter, and the base would do its work badly.
        """
        wanted = role if role in self._roles else None
        if wanted is None and role not in BASE_ROLES:
            raise CheckpointError(
                f"the checkpoint has no adapter for the {role}, only for "
                f"{', '.join(sorted(self._roles)) or 'none'}; use one that has"
            )
        if wanted == self.active:
            return
        if wanted is None:
            self._peft.base_model.disable_adapter_layers()
        else:
            # In this order: an adapter without matrices of its own turns off the wrappers of
            # those of the others, and older peft does not turn them on again.
            self._peft.base_model.enable_adapter_layers()
            self._peft.set_adapter(wanted, inference_mode=True)
        self.active = wanted

    def _put_on(self, model: Any, role: str, adapter: Adapter) -> None:
        self._peft = put_on(model, self._peft, role, adapter.settings, is_trained=False)
        self._fill(role, adapter)

    def _fill(self, role: str, adapter: Adapter) -> None:
        """Copy the tensors into peft's; both sides have to know the same names."""
        slots = adapter_slots(self._peft, role)
        apart = slots.keys() ^ adapter.tensors.keys()
        if apart:
            raise CheckpointError(
                f"peft and the {role}'s adapter disagree about {', '.join(sorted(apart)[:3])}; "
                "use the versions of peft and transformers that cinedex was tested with"
            )
        for name, tensor in adapter.tensors.items():
            slot = slots[name]
            slot.data = tensor.to(slot.device, _kept_dtype(tensor.dtype, slot.dtype))


def _kept_dtype(stored: torch.dtype, computed: torch.dtype) -> torch.dtype:
    """Keep float16 in a bfloat16 model and the reverse: neither holds the other's numbers."""
    return stored if stored.itemsize == computed.itemsize else computed


def put_on(
    model: Any, wrapped: Any, role: str, settings: AdapterSettings, *, is_trained: bool
) -> Any:
    """Put an adapter on a model, with factors that torch's own random numbers draw.

    Args:
        model: The base model, whose modules are wrapped in place.
        wrapped: What this function returned for the role before; ``None`` for the first.
        role: Names the adapter.
        settings: Of the adapter.
        is_trained: Whether its tensors get gradients.

    Returns:
        peft's model.
    """
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=list(settings.targets),
        modules_to_save=list(settings.whole_modules) or None,
        inference_mode=not is_trained,
    )
    with _without_warnings(), torch.random.fork_rng(devices=[], enabled=not is_trained):
        if wrapped is None:
            return get_peft_model(model, config, adapter_name=role, autocast_adapter_dtype=False)
        wrapped.add_adapter(role, config, autocast_adapter_dtype=False)
    return wrapped


def adapter_slots(peft: Any, role: str) -> dict[str, torch.nn.Parameter]:
    """Return a role's parameters by their names in an adapter's file, without peft's prefix."""
    slots = {}
    for name, parameter in peft.named_parameters():
        plain = name.removeprefix(PEFT_PREFIX)
        for kind in ("lora_A", "lora_B"):
            plain = plain.replace(f".{kind}.{role}.weight", f".{kind}.weight")
        plain = plain.replace(f".modules_to_save.{role}.", ".")
        if plain != name.removeprefix(PEFT_PREFIX):
            slots[plain] = parameter
    return slots


def _refuse_vision(role: str, adapter: Adapter) -> None:
    seeing = sorted(name for name in adapter.tensors if name.startswith(VISION_TREE))
    if seeing:
        raise CheckpointError(
            f"the {role}'s adapter changes the vision tower ({seeing[0]}), whose features the "
            "roles share; train it on the language model only"
        )


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Hush what peft says of every tied model, and of an attribute that transformers renamed."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Model has `tie_word_embeddings=True`", UserWarning)
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
        yield
