"""Where the time of one question goes, and how much was read and written for it."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

import torch


class Part(StrEnum):
    """What a role spends time on.

    ``FRAMES`` is getting, resizing and cutting up the pictures, on the CPU; ``VISION`` the vision
    tower; ``PREFILL`` reading the prompt; ``GENERATION`` writing behind it.
    """

    FRAMES = "frames"
    VISION = "vision"
    PREFILL = "prefill"
    GENERATION = "generation"


class Count(StrEnum):
    """What is counted for a role."""

    CLIPS = "encoded clips"
    FRAMES = "encoded frames"
    VISION_TOKENS = "encoded vision tokens"
    PROMPT_TOKENS = "prompt tokens"
    NEW_TOKENS = "generated tokens"


class Ledger:
    """Adds up seconds and counts by role; a part inside another is taken out of it.

    Args:
        device: Waited for at the edges of every part.

    Attributes:
        seconds: By role and part.
        counts: By role and count.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._inside: list[float] = []
        self.seconds: defaultdict[tuple[str, Part], float] = defaultdict(float)
        self.counts: Counter[tuple[str, Count]] = Counter()

    @contextmanager
    def timing(self, role: str, part: Part) -> Iterator[None]:
        """Time what is done inside."""
        started = self.now()
        self._inside.append(0.0)
        try:
            yield
        finally:
            spent = self.now() - started
            self.seconds[role, part] += spent - self._inside.pop()
            if self._inside:
                self._inside[-1] += spent

    def now(self) -> float:
        """Return the seconds of a clock once the device has done what it was given."""
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
        return time.perf_counter()

    def clear(self) -> None:
        """Forget what was added up."""
        self.seconds.clear()
        self.counts.clear()

    def total(self, count: Count) -> int:
        """Add up a count over the roles."""
        return sum(number for (_, kind), number in self.counts.items() if kind == count)
