"""What one question has cost, and which roles could not do their work."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from reasoner.answer import Fallback, Role


@dataclass(frozen=True, slots=True)
class Progress:
    """What is known so far; filled as the chain goes on."""

    fallbacks: list[Fallback] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timing(self, role: str) -> Iterator[None]:
        """Add the wall time of a block to a role's, without that of roles that ran inside it."""
        started, others = time.perf_counter(), sum(self.seconds.values())
        try:
            yield
        finally:
            inside = sum(self.seconds.values()) - others
            spent = time.perf_counter() - started - inside
            self.seconds[role] = self.seconds.get(role, 0.0) + spent

    def reasons_of(self, role: Role) -> str:
        """Say why a role could not do its work; empty where it could."""
        return "; ".join(each.reason for each in self.fallbacks if each.role is role)
