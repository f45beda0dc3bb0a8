"""A base model with one role's adapter that learns: lessons in, losses with gradients out.

The base computes in its own precision and stays as it is. What is learned is float32.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch.nn.utils.rnn import pad_sequence

from reasoner.answer import Role
from reasoner.videomind.backbone import PositionRule
from reasoner.videomind.base_model import step_interval
from reasoner.videomind.checkpoints.adapter import Adapter
from reasoner.videomind.checkpoints.adapter_settings import AdapterSettings
from reasoner.videomind.checkpoints.names import HEAD
from reasoner.videomind.decoder import (
    GroundingTarget,
    TimestampDecoder,
    decoder_loss,
    pool_frames,
)
from reasoner.videomind.labels import IGNORED
from reasoner.videomind.role_switch import adapter_slots, put_on
from reasoner.videomind.tokens import VideoTokens
from reasoner.videomind.training.lessons import Lesson
from reasoner.videomind.zoom import vision_start_of

TARGETS = ("k_proj", "o_proj", "q_proj", "v_proj")
"""The attention of the language model; the vision tower's layers have other names."""
WHOLE_MODULES = ("embed_tokens", "lm_head")
"""What the roles learn whole whose tokens the base does not have."""
ROLES_WITH_TOKENS = frozenset({Role.GROUNDER, Role.VERIFIER})
DECODER_PREFIX = "timestamp_decoder."
"""Before the names of the decoder's tensors among those that are learned."""


@dataclass(frozen=True, slots=True, eq=False)
class Losses:
    """Of one batch, each summed over its lessons.

    Attributes:
        language: Cross entropy of what the assistant says, averaged over its tokens.
        decoder: The timestamp decoder's; 0 for other roles.
    """

    language: torch.Tensor
    decoder: torch.Tensor

    @property
    def total(self) -> torch.Tensor:
        """What is lessened."""
        return self.language + self.decoder


def adapter_settings(role: Role, rank: int, dropout: float) -> AdapterSettings:
    """Return what of the model a role learns.

    Source: VideoMind's training scripts: LoRA on the language model's attention, and embeddings
    and head whole for the roles that have tokens of their own.
    """
    whole = WHOLE_MODULES if role in ROLES_WITH_TOKENS else ()
    return AdapterSettings(rank, rank, dropout, TARGETS, whole)


class Learner:
    """One role over its base model.

    Args:
        model: As ``load_base_model`` returns it, on its device; it is wrapped in place.
        role: That learns.
        settings: Of its adapter.
        tokens: Ids around and for pictures.
        positions: How positions are computed.
        seed: Of the factors and the decoder.
        recompute: Whether layers forget their insides until the gradient needs them.

    Attributes:
        learned: Every tensor that is learned, by the name it is kept under: the adapter's as in
            its file, the decoder's behind ``DECODER_PREFIX``.
        decoder: The timestamp decoder; ``None`` but for the grounder.
    """

    def __init__(
        self,
        model: Any,
        role: Role,
        settings: AdapterSettings,
        tokens: VideoTokens,
        positions: PositionRule,
        seed: int,
        recompute: bool = True,
    ) -> None:
        self.role = role
        self.device: torch.device = model.device
        self.decoder: TimestampDecoder | None = None
        self._model = model
        self._settings = settings
        self._tokens = tokens
        self._positions = positions
        self._states: torch.Tensor | None = None
        model.requires_grad_(False)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            peft = put_on(model, None, role, settings, is_trained=True)
            if role is Role.GROUNDER:
                self.decoder = TimestampDecoder(model.config.text_config.hidden_size)
                self.decoder.reset_convolutions()
                self.decoder.to(self.device).train()
        self._adapter = adapter_slots(peft, role)
        for slot in self._adapter.values():
            slot.data = slot.data.to(self.device, torch.float32)
            slot.requires_grad_(True)
        self.learned = self._adapter | self._decoder_slots()
        model.model.language_model.train()
        if recompute:
            model.model.language_model.activation_checkpointing_enable({"use_reentrant": False})
        model.model.language_model.norm.register_forward_pre_hook(self._keep)

    def losses(self, lessons: Sequence[Lesson], draw: torch.Generator) -> Losses:
        """Read lessons side by side.

        Args:
            lessons: At least one, of the learner's role.
            draw: Chooses the frames that the decoder contrasts; on the CPU.
        """
        embedded = [self._embed(lesson) for lesson in lessons]
        tables = [self._table(lesson).T for lesson in lessons]
        output = self._model.model.language_model(
            inputs_embeds=pad_sequence(embedded, batch_first=True),
            position_ids=pad_sequence(tables, batch_first=True).permute(2, 0, 1),
            use_cache=False,
        )
        states, self._states = self._states, None
        if states is None:
            raise RuntimeError("the model did not call its last normalisation")
        normalised = output.last_hidden_state
        language = [self._said(row, each) for row, each in zip(normalised, lessons, strict=True)]
        decoded = [
            self._grounded(row, each, draw) for row, each in zip(states, lessons, strict=True)
        ]
        return Losses(torch.stack(language).sum(), torch.stack(decoded).sum())

    def adapter(self) -> Adapter:
        """Return what was learned, on the CPU; whole matrices in the base's precision."""
        tensors = {
            name: slot.detach().to("cpu", torch.float32 if ".lora_" in name else self._model.dtype)
            for name, slot in self._adapter.items()
        }
        return Adapter(self._settings, tensors)

    def _decoder_slots(self) -> dict[str, torch.nn.Parameter]:
        named = self.decoder.named_parameters() if self.decoder is not None else ()
        return {DECODER_PREFIX + name: parameter for name, parameter in named}

    def _embed(self, lesson: Lesson) -> torch.Tensor:
        """Return ``(L, D)`` in the base's precision, the video's features in their places."""
        ids = torch.tensor(lesson.token_ids, device=self.device)
        embedded: torch.Tensor = self._model.get_input_embeddings()(ids).to(self._model.dtype)
        if lesson.pixels is None:
            return embedded
        places = ids == self._tokens.video_pad
        return embedded.masked_scatter(places[:, None], self._features(lesson))

    def _features(self, lesson: Lesson) -> torch.Tensor:
        if lesson.pixels is None:
            raise ValueError("a lesson without pixels has no features")
        grids = torch.tensor([lesson.pixels.grid.thw], device=self.device)
        patches = torch.from_numpy(lesson.pixels.patches).to(self.device, self._model.dtype)
        with torch.no_grad():
            output = self._model.model.get_video_features(patches, grids, return_dict=True)
        return torch.cat(tuple(output.pooler_output)).to(self._model.dtype)

    def _table(self, lesson: Lesson) -> torch.Tensor:
        seen = [] if lesson.pixels is None else [lesson.pixels]
        positions, _ = self._positions(
            np.array([lesson.token_ids], np.int64),
            [pixels.grid.thw for pixels in seen],
            [step_interval(self._model, pixels.step_seconds) for pixels in seen],
        )
        return torch.tensor(np.array(positions), dtype=torch.long, device=self.device)[:, 0]

    def _said(self, normalised: torch.Tensor, lesson: Lesson) -> torch.Tensor:
        """Return the loss of one lesson; logits are computed where something is learned only."""
        taught = torch.from_numpy(lesson.labels[1:])
        at = (taught != IGNORED).nonzero().flatten().to(self.device)
        rows = normalised[at]
        if HEAD in self._adapter:
            rows = rows.float()
        logits = self._model.lm_head(rows).float()
        return F.cross_entropy(logits, taught.to(self.device)[at])

    def _grounded(
        self, states: torch.Tensor, lesson: Lesson, draw: torch.Generator
    ) -> torch.Tensor:
        if self.decoder is None or lesson.grounding is None:
            return states.new_zeros((), dtype=torch.float32)
        if lesson.pixels is None or lesson.regression_index is None:
            raise ValueError("a grounder's lesson has pixels and a token to ask from")
        grid = lesson.pixels.grid
        first = vision_start_of(lesson.token_ids, self._tokens.vision_start) + 1
        frames = pool_frames(states[first : first + grid.num_tokens], grid.tokens_per_step)
        salient = np.flatnonzero(lesson.grounding.saliency)
        chosen = int(torch.randint(len(salient), (), generator=draw))
        target = GroundingTarget(
            spans=[torch.from_numpy(lesson.grounding.boundaries).float()],
            saliency=torch.from_numpy(lesson.grounding.saliency).float(),
            positive_frame=int(salient[chosen]),
        )
        asking = states[lesson.regression_index - 1][None]
        return decoder_loss(self.decoder, frames, asking, target).total

    def _keep(self, _module: object, inputs: tuple[torch.Tensor, ...]) -> None:
        self._states = inputs[0]
