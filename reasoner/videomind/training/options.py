"""What a caller may set about a training run."""

import math
from dataclasses import dataclass

from reasoner.answer import Role

LEARNING_RATES = {
    Role.PLANNER: 2e-5,
    Role.GROUNDER: 1e-4,
    Role.VERIFIER: 5e-5,
    Role.ANSWERER: 2e-5,
}
"""Of VideoMind's releases; the answerer, which they do not train, learns as the planner does."""


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """How long, how fast and how much a role learns.

    Attributes:
        epochs: Times that every example is seen; the last step is filled up from the next round.
        steps: Steps of the optimiser, in place of ``epochs``.
        batch: Examples that are read at once.
        accumulate: Batches of one step.
        learning_rate: The highest; ``None`` for the role's own in ``LEARNING_RATES``.
        warm_up: Share of the steps in which the rate rises; it then falls to 0 along a cosine.
        max_gradient: Length to which a longer gradient is cut.
        seed: Decides the factors at the start, the order of the examples and what is left out.
        rank: Of the LoRA factors, whose product counts once (alpha equals rank).
        dropout: Before the factors.
        recompute: Whether the insides of the layers are computed again for the gradient and not
            kept: slower, and a long video fits a GPU. The result is the same.
        save_every: Steps between two savings of an unfinished run.

    Source:
        The training scripts of VideoMind at commit 6721d25; the batch there is 32 over 8 devices.
    """

    epochs: int = 1
    steps: int | None = None
    batch: int = 1
    accumulate: int = 32
    learning_rate: float | None = None
    warm_up: float = 0.03
    max_gradient: float = 1.0
    seed: int = 0
    rank: int = 64
    dropout: float = 0.1
    recompute: bool = True
    save_every: int = 100

    def __post_init__(self) -> None:
        counts = ("epochs", "batch", "accumulate", "rank", "save_every")
        for name in counts if self.steps is None else (*counts, "steps"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is at least 1, got {getattr(self, name)}")
        if self.learning_rate is not None and not 0 < self.learning_rate < math.inf:
            raise ValueError(f"learning_rate is above 0 and finite, got {self.learning_rate}")
        if not 0 <= self.warm_up <= 1 or not 0 <= self.dropout < 1:
            raise ValueError(f"warm_up and dropout are shares, got {self}")
        if not self.max_gradient > 0:
            raise ValueError(f"max_gradient is above 0, got {self.max_gradient}")

    @property
    def step_examples(self) -> int:
        """Examples of one step."""
        return self.batch * self.accumulate

    def num_steps(self, num_examples: int) -> int:
        """Count the steps of a run over so many examples."""
        return self.steps or math.ceil(self.epochs * num_examples / self.step_examples)

    def rate_at(self, step: int, num_steps: int, role: Role) -> float:
        """Return the learning rate of a step, counted from 0."""
        highest = self.learning_rate or LEARNING_RATES[role]
        rising = math.ceil(self.warm_up * num_steps)
        if step < rising:
            return highest * (step + 1) / rising
        done = (step - rising) / max(1, num_steps - rising)
        return highest * (1 + math.cos(math.pi * done)) / 2
