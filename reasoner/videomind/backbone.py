"""Qwen2-VL, loaded once: four roles, shared vision features, positions by our own rule.

Positions are given to the model with every call: transformers 5 computes others than the release
that the adapters were trained with wherever a video is longer than it is wide. The state of a
token is taken before the model's last normalisation, as the timestamp decoder was trained.

Source: VideoMind at commit 6721d25, ``videomind/model/model.py``.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from reasoner.videomind.base_model import (
    dtype_of,
    load_base_model,
    step_interval,
)
from reasoner.videomind.checkpoints.adapter import read_adapter
from reasoner.videomind.checkpoints.base_weights import BaseWeights
from reasoner.videomind.checkpoints.checkpoint import Checkpoint
from reasoner.videomind.model_input import Grid, ModelInput, VisionFeatures
from reasoner.videomind.options import BackboneOptions
from reasoner.videomind.role_switch import RoleSwitch
from store.devices import device_memory, device_named

PositionRule = Callable[[NDArray[np.int64], Sequence[Grid], Sequence[float]], tuple[Any, Any]]
"""Token ids ``(1, L)``, and of the videos in them the grids and by how many positions their time
steps are apart, to positions ``(3, 1, L)`` and how far the next token's position is from its index,
``(1,)``."""


class Backbone:
    """The model and its roles.

    Whatever computes raises ``DeviceMemoryError`` where there is no room for it.

    Args:
        model: As ``load_base_model`` returns it, on its device.
        switch: The adapters on it.
        video_pad: Id of the token that stands for a row of vision features.
        positions: How positions are computed.

    Attributes:
        device: Of the model.
        dtype: Of the model.
        hidden_size: Length of a state.
    """

    def __init__(
        self, model: Any, switch: RoleSwitch, video_pad: int, positions: PositionRule
    ) -> None:
        self._model = model
        self._switch = switch
        self._video_pad = video_pad
        self._positions = positions
        self._seen: torch.Tensor | None = None
        self.device: torch.device = model.device
        self.dtype: torch.dtype = model.dtype
        self.hidden_size: int = model.config.text_config.hidden_size
        model.model.language_model.norm.register_forward_pre_hook(self._keep)

    @device_memory()
    def encode_video(
        self, pixels: torch.Tensor, grid: Grid, step_seconds: float = 1.0
    ) -> VisionFeatures:
        """Compute the features of a video, once for all roles that see it at this resolution.

        Args:
            pixels: ``(T * H * W, P)``, normalised patches in the order of Qwen2-VL's processor.
            grid: Of the patches.
            step_seconds: Of the video, for each time step.

        Raises:
            ValueError: The number of patches is not that of the grid.
        """
        if len(pixels) != np.prod(grid):
            raise ValueError(f"a grid of {grid} has {np.prod(grid)} patches, got {len(pixels)}")
        with torch.inference_mode():
            grids = torch.tensor([grid], device=self.device)
            output = self._model.model.get_video_features(
                pixels.to(self.device, self.dtype), grids, return_dict=True
            )
        return VisionFeatures(torch.cat(tuple(output.pooler_output)), grid, step_seconds)

    def positions(self, prompt: ModelInput) -> tuple[torch.Tensor, int]:
        """Return the positions ``(3, L)`` of a prompt, and the shift of what follows it."""
        step_seconds = 1.0 if prompt.video is None else prompt.video.step_seconds
        intervals = [step_interval(self._model, step_seconds)] * len(prompt.grids)
        positions, shifts = self._positions(
            np.array([prompt.token_ids], np.int64), prompt.grids, intervals
        )
        table = torch.tensor(np.array(positions), dtype=torch.long, device=self.device)
        return table[:, 0], int(np.asarray(shifts).reshape(-1)[0])

    @device_memory()
    def embed(self, role: str, prompt: ModelInput) -> torch.Tensor:
        """Return ``(L, D)``: a role's embeddings of the tokens, the features in their places.

        Raises:
            ValueError: There are not as many places as rows of features.
        """
        ids = torch.tensor(prompt.token_ids, device=self.device)
        rows = 0 if prompt.video is None else len(prompt.video.features)
        places = ids == self._video_pad
        if int(places.sum()) != rows:
            raise ValueError(
                f"the prompt has {int(places.sum())} places for {rows} rows of vision features"
            )
        embedded = self.embed_tokens(role, ids)
        if prompt.video is None:
            return embedded
        features = prompt.video.features.to(embedded.device, embedded.dtype)
        return embedded.masked_scatter(places[:, None], features)

    @device_memory()
    def embed_tokens(self, role: str, token_ids: torch.Tensor) -> torch.Tensor:
        """Return a role's embeddings of ``(L,)`` tokens, ``(L, D)``, whatever they stand for."""
        self._switch.switch(role)
        with torch.inference_mode():
            embedded: torch.Tensor = self._model.get_input_embeddings()(token_ids)
        return embedded.to(self.dtype)  # a role's own matrix may be of another type

    @device_memory()
    def forward(
        self, role: str, embedded: torch.Tensor, positions: torch.Tensor, cache: Any = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Run the language model in a role.

        Args:
            role: Whose adapter is on.
            embedded: ``(B, L, D)``; a row that is shorter is filled up behind, where nothing that
                comes before looks.
            positions: ``(3, B, L)``.
            cache: Of what was read before, for one row; it grows.

        Returns:
            The normalised output and the states before the last normalisation, both ``(B, L, D)``.
        """
        self._switch.switch(role)
        with torch.inference_mode():
            output = self._model.model.language_model(
                inputs_embeds=embedded,
                position_ids=positions,
                past_key_values=cache,
                use_cache=cache is not None,
            )
        states, self._seen = self._seen, None
        if states is None:
            raise RuntimeError("the model did not call its last normalisation")
        return output.last_hidden_state, states

    @device_memory()
    def logits(self, role: str, normalised: torch.Tensor) -> torch.Tensor:
        """Apply a role's head to ``(..., D)``; returns ``(..., V)`` float32."""
        self._switch.switch(role)
        head = self._model.lm_head
        with torch.inference_mode():
            logits: torch.Tensor = head(normalised.to(head.weight.dtype))
        return logits.float()

    @device_memory()
    def last_logits(self, role: str, prompts: Sequence[ModelInput]) -> torch.Tensor:
        """Read several prompts at once and return what may follow each, ``(B, V)`` float32.

        Raises:
            ValueError: There is no prompt.
        """
        if not prompts:
            raise ValueError("there is at least one prompt")
        embedded = [self.embed(role, prompt) for prompt in prompts]
        tables = [self.positions(prompt)[0].T for prompt in prompts]
        normalised, _ = self.forward(
            role,
            torch.nn.utils.rnn.pad_sequence(embedded, batch_first=True),
            torch.nn.utils.rnn.pad_sequence(tables, batch_first=True).permute(2, 0, 1),
        )
        ends = torch.tensor([len(rows) - 1 for rows in embedded], device=self.device)
        return self.logits(role, normalised[torch.arange(len(prompts), device=self.device), ends])

    def new_cache(self) -> Any:
        """Return an empty memory for ``forward``."""
        from transformers import DynamicCache

        return DynamicCache(config=self._model.config.get_text_config())

    def _keep(self, _module: object, inputs: tuple[torch.Tensor, ...]) -> None:
        self._seen = inputs[0]


@device_memory()
def load_backbone(
    checkpoint: Checkpoint,
    video_pad: int,
    positions: PositionRule,
    options: BackboneOptions | None = None,
) -> Backbone:
    """Load the base model once and put the roles' adapters on it.

    Raises:
        WeightsMissingError: A file is not there.
        CheckpointError: A tensor is missing, left over or misshapen.
        ConfigError: The device is not here.
        DeviceMemoryError: The model has no room there.
    """
    chosen = options or BackboneOptions()
    device = device_named(chosen.device)
    model = load_base_model(checkpoint.base, dtype_of(chosen, device))
    adapters: Mapping[str, Any] = {}
    if checkpoint.adapters:
        base = BaseWeights(checkpoint.base)
        adapters = {
            role: read_adapter(folder, base) for role, folder in checkpoint.adapters.items()
        }
    switch = RoleSwitch(model, adapters)
    return Backbone(model.to(device), switch, video_pad, positions)
