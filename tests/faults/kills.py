"""Processes that are killed: between stages, at an SQL statement, at a write, or whenever.

Stated outcome: the library opens and holds what was published last (or the step in flight, if its
commit got through); the work goes on from there and comes to what an undisturbed run comes to.
"""

import os
import pickle
import random
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.ground import Ground, Verdict
from tests.faults.nursery import Fault
from tests.faults.shim import Mode, Shim
from tests.faults.states import read_state
from tests.faults.workloads import Work


def kill_now() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Counting(Fault):
    """Counts what could be struck."""

    has_shim: bool
    boundaries: int = 0
    statements: int = 0
    shim: Any = None

    def arm(self, work: Work) -> None:
        _listen_to_statements(self._count_statement)
        if self.has_shim:
            self.shim = Shim()
            self.shim.arm(work.root, Mode.COUNT, 0)

    def _count_statement(self) -> None:
        self.statements += 1

    def at_boundary(self) -> None:
        self.boundaries += 1

    def report(self) -> dict[str, int]:
        calls = self.shim.calls if self.shim is not None else 0
        return {"boundaries": self.boundaries, "statements": self.statements, "calls": calls}


@dataclass
class StopAtState(Fault):
    """Kills when a state was reached, and told."""

    state: int

    def at_state(self, state: int) -> None:
        if state == self.state:
            kill_now()


@dataclass
class Recording(Fault):
    """Reads the library, by a handle of its own, after every step; no fault at all."""

    into: Path
    root: Any = None
    states: list[Any] = field(default_factory=lambda: [None])

    def arm(self, work: Work) -> None:
        self.root = work.root

    def at_state(self, state: int) -> None:
        self.states.append(read_state(self.root))

    def report(self) -> dict[str, Any]:
        self.into.write_bytes(pickle.dumps(self.states))
        return {}


@dataclass
class KillAt(Fault):
    """Kills at the n-th boundary or statement."""

    what: str
    number: int
    _seen: int = field(default=0)

    def arm(self, work: Work) -> None:
        if self.what == "statements":
            _listen_to_statements(self._strike)

    def at_boundary(self) -> None:
        if self.what == "boundaries":
            self._strike()

    def _strike(self) -> None:
        self._seen += 1
        if self._seen == self.number:
            kill_now()


@dataclass
class ShimFault(Fault):
    """Strikes at the n-th call that changes files of the library."""

    mode: Mode
    number: int
    shim: Any = None

    def arm(self, work: Work) -> None:
        self.shim = Shim()
        self.shim.arm(work.root, self.mode, self.number)

    def report(self) -> dict[str, int]:
        return {"injected": self.shim.injected, "calls": self.shim.calls}


def at_stage(ground: Ground, place: float, chance: random.Random) -> Verdict:
    """Kill the indexer between two stages, or before a stage keeps what it found."""
    return _struck(ground, "pipeline", "boundaries", place)


def at_statement(ground: Ground, place: float, chance: random.Random) -> Verdict:
    """Kill before an SQL statement or commit."""
    return _struck(ground, chance.choice(("pipeline", "publishing")), "statements", place)


def at_write(ground: Ground, place: float, chance: random.Random) -> Verdict:
    """Kill before a call that changes a file."""
    return _shimmed(ground, Mode.KILL, place, chance)


def torn_write(ground: Ground, place: float, chance: random.Random) -> Verdict:
    """Kill with half of a write on the disk."""
    return _shimmed(ground, Mode.TORN, place, chance)


def at_random(ground: Ground, place: float, chance: random.Random) -> Verdict:
    """Kill from outside at a random moment."""
    name = chance.choice(("pipeline", "publishing"))
    seconds = ground.undisturbed(name).seconds
    with ground.place() as folder, ground.nursery() as nursery:
        work = ground.work(name, folder / "library")
        nursery.start(work, Fault())
        time.sleep(place * seconds)
        nursery.kill()
        ended = nursery.wait()
        if not ended.was_killed:
            return Verdict("it was too late", has_fired=False)
        return ground.judged(work, ended)


def _struck(ground: Ground, name: str, what: str, place: float) -> Verdict:
    number = 1 + int(place * ground.undisturbed(name).counts[what])
    with ground.place() as folder, ground.nursery() as nursery:
        work = ground.work(name, folder / "library")
        ended = nursery.run(work, KillAt(what, number))
        if not ended.was_killed:
            return Verdict(f"{what} {number} never came", has_fired=False)
        return ground.judged(work, ended)


def _shimmed(ground: Ground, mode: Mode, place: float, chance: random.Random) -> Verdict:
    name = chance.choice(("pipeline", "publishing"))
    number = 1 + int(place * ground.undisturbed(name).counts["calls"])
    with ground.place() as folder, ground.nursery() as nursery:
        work = ground.work(name, folder / "library")
        ended = nursery.run(work, ShimFault(mode, number))
        if not ended.was_killed:
            return Verdict(f"call {number} never came", has_fired=False)
        return ground.judged(work, ended)


def _listen_to_statements(hear: Any) -> None:
    from sqlalchemy import Engine, event

    event.listen(Engine, "before_cursor_execute", lambda *_: hear())
    event.listen(Engine, "commit", lambda *_: hear())
    event.listen(Engine, "rollback", lambda *_: hear())
