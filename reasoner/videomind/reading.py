"""One role reading a prompt and writing on, token by token."""

from collections.abc import Collection
from dataclasses import dataclass

import torch

from reasoner.videomind.backbone import Backbone
from reasoner.videomind.model_input import ModelInput


class Reading:
    """A prompt that a role has read, and what it wrote behind it.

    Other roles may read in between: each call turns on its own role first.

    Args:
        backbone: That reads.
        role: In which it reads.
        prompt: What it reads.

    Attributes:
        prompt_states: ``(L, D)``, before the last normalisation.
        state: ``(D,)``, of the last token read: the one that predicts the next.
        logits: ``(V,)`` float32, of the next token.
    """

    def __init__(self, backbone: Backbone, role: str, prompt: ModelInput) -> None:
        self._backbone = backbone
        self._role = role
        self._cache = backbone.new_cache()
        positions, shift = backbone.positions(prompt)
        self._next = len(prompt.token_ids) + shift
        self.prompt_states = self._read(backbone.embed(role, prompt), positions)

    def write(self, token_id: int) -> None:
        """Take a token as the next; its state and the logits behind it become current."""
        positions = torch.full((3, 1), self._next, device=self._backbone.device)
        self._next += 1
        ids = torch.tensor([token_id], device=self._backbone.device)
        self._read(self._backbone.embed_tokens(self._role, ids), positions)

    def _read(self, embedded: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        normalised, states = self._backbone.forward(
            self._role, embedded[None], positions[:, None], self._cache
        )
        self.state = states[0, -1]
        self.logits = self._backbone.logits(self._role, normalised[0, -1])
        return states[0]


@dataclass(frozen=True, slots=True)
class Generation:
    """What a role wrote.

    Attributes:
        token_ids: ``N``, the one that ended it not among them.
        states: ``(N, D)``: row ``n`` is the state that predicted token ``n``.
        prompt_states: ``(L, D)``.
        is_ended: By an end token; else the limit came first.
    """

    token_ids: tuple[int, ...]
    states: torch.Tensor
    prompt_states: torch.Tensor
    is_ended: bool

    def states_before(self, token_id: int) -> torch.Tensor:
        """Return the states that predicted a token, ``(K, D)``, in the order it was written.

        One that opens the text is left out, as in the reference: its state is the prompt's own.
        """
        at = [n for n, written in enumerate(self.token_ids) if n > 0 and written == token_id]
        return self.states[at]


def generate(
    backbone: Backbone,
    role: str,
    prompt: ModelInput,
    max_new_tokens: int,
    end_token_ids: Collection[int] = (),
) -> Generation:
    """Write greedily to an end token or the limit.

    Raises:
        ValueError: The limit is below one.
    """
    if max_new_tokens < 1:
        raise ValueError(f"max_new_tokens is at least 1, got {max_new_tokens}")
    reading = Reading(backbone, role, prompt)
    written: list[int] = []
    states: list[torch.Tensor] = []
    while True:
        token_id = int(reading.logits.argmax())
        is_ended = token_id in end_token_ids
        if is_ended:
            break
        written.append(token_id)
        states.append(reading.state)
        if len(written) == max_new_tokens:
            break
        reading.write(token_id)
    stacked = torch.stack(states) if states else reading.prompt_states[:0]
    return Generation(tuple(written), stacked, reading.prompt_states, is_ended)
