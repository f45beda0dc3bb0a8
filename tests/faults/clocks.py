"""A clock that jumps hours back and forth while videos are published.

Stated outcome: the same as with a clock that goes right.
"""

import random
import time
from dataclasses import dataclass
from typing import Any

from tests.faults.ground import Ground, Verdict
from tests.faults.nursery import Fault
from tests.faults.shim import Shim
from tests.faults.workloads import Work

CLOCKS = ("time", "monotonic", "perf_counter")
HOURS = 48 * 3600


@dataclass
class JumpingClock(Fault):
    """Turns Python's clocks at every look, and under all the rest the system's wall clock."""

    seed: int
    has_shim: bool
    jumps: int = 0
    shim: Any = None

    def arm(self, work: Work) -> None:
        chance = random.Random(self.seed)
        for name in CLOCKS:
            setattr(time, name, self._jumping(getattr(time, name), chance))
        if self.has_shim:
            self.shim = Shim()
            self.shim.turn_clock(HOURS)

    def _jumping(self, clock: Any, chance: random.Random) -> Any:
        def look() -> float:
            self.jumps += 1
            return float(clock()) + chance.uniform(-HOURS, HOURS)

        return look

    def report(self) -> dict[str, int]:
        wall = self.shim.clock_calls if self.shim is not None else 0
        return {"jumps": self.jumps, "wall_clock_jumps": wall}


def jumping(ground: Ground, place: float, chance: random.Random) -> Verdict:
    """Run a workload by a clock that jumps."""
    name = "pipeline" if place < 0.5 else "publishing"
    with ground.place() as folder, ground.nursery() as nursery:
        work = ground.work(name, folder / "library")
        fault = JumpingClock(chance.randrange(1 << 30), ground.shim is not None)
        ended = nursery.run(work, fault)
        if not ended.report.get("jumps", 0) + ended.report.get("wall_clock_jumps", 0):
            return Verdict("nobody looked at the clock", has_fired=False)
        if ended.exit_code:
            return Verdict(ended.error, f"it ended: {ended.error} {ended.message}")
        return ground.judged(work, ended)
