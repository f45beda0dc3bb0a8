"""Every kind of fault by name, with its outcome, what it needs, and how many of 500 it gets."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.faults import clocks, disks, files, kills, races, servers
from tests.faults.ground import Ground, Verdict

Inject = Callable[[Ground, float, random.Random], Verdict]
SHIM, MOUNT, SERVER = "a C compiler", "the right to mount", "PostgreSQL"
# A fault that found nothing to strike is tried again, earlier in the run.
MOST_TRIES, EARLIER = 4, 0.6


@dataclass(frozen=True)
class Kind:
    """One kind of fault.

    Attributes:
        inject: Given the ground, how far into the run in ``[0, 1)``, and chance.
        share: How many of 500 injections.
        needs: A resource; empty where nothing is needed.
    """

    inject: Inject
    share: int
    needs: str = ""


KINDS: dict[str, Kind] = {
    "killed between stages": Kind(kills.at_stage, 45),
    "killed at a statement": Kind(kills.at_statement, 50),
    "killed at a write": Kind(kills.at_write, 60, SHIM),
    "killed with half a write": Kind(kills.torn_write, 50, SHIM),
    "killed at random": Kind(kills.at_random, 35),
    "disk full at a write": Kind(disks.full_at_write, 65, SHIM),
    "disk full to the brim": Kind(disks.full_file_system, 20, MOUNT),
    "page damaged": Kind(files.damaged_page, 65),
    "vector file damaged": Kind(files.damaged_vectors, 35),
    "clock jumps": Kind(clocks.jumping, 10),
    "connections cut": Kind(servers.cut, 20, SERVER),
    "server down and up": Kind(servers.halt, 10, SERVER),
    "two publish, one is killed": Kind(races.publishing, 20),
    "two index, one is killed": Kind(races.indexing, 15),
}


def lacks(ground: Ground, kind: Kind) -> str:
    """Name what a kind needs and is not here; empty where it can be tried."""
    here = {"", *((SHIM,) if ground.shim else ()), *((SERVER,) if ground.server else ())}
    if kind.needs == MOUNT and disks.can_mount(ground.folder / "mount"):
        return ""
    return "" if kind.needs in here else kind.needs


def injected(ground: Ground, name: str, place: float, seed: int) -> Verdict:
    """Inject one fault of a kind, earlier in the run where the first found nothing to strike."""
    verdict = Verdict("never tried", has_fired=False)
    for attempt in range(MOST_TRIES):
        chance = random.Random(f"{name} {seed} {attempt}")
        verdict = KINDS[name].inject(ground, place * EARLIER**attempt, chance)
        if verdict.has_fired:
            break
    return verdict
