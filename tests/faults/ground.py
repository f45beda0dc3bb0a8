"""Where faults are tried: films, processes, and what an undisturbed run comes to."""

import itertools
import pickle
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock

from store.errors import LibraryDamagedError
from tests.faults.nursery import Ended, Fault, Nursery
from tests.faults.shim import built
from tests.faults.states import State, litter, problems, read_state
from tests.faults.workloads import Work, make_films
from tests.postgresql import Server


@dataclass(frozen=True)
class Verdict:
    """How one injection ended.

    Attributes:
        outcome: In a few words, to be counted.
        loss: What was lost, wrong or not named; empty where nothing was.
        litter: Files left behind after the run was taken up again.
        has_fired: Whether the fault really struck.
    """

    outcome: str
    loss: str = ""
    litter: tuple[str, ...] = ()
    has_fired: bool = True


@dataclass(frozen=True)
class Undisturbed:
    """A run without faults.

    Attributes:
        states: After each step.
        seconds: It took.
        counts: Of what could be struck: boundaries, calls.
    """

    states: tuple[State | None, ...]
    seconds: float
    counts: dict[str, int] = field(default_factory=dict)


class Ground:
    """Shared by all injections of a session; closed by ``close``.

    Args:
        folder: Of its own, on a local disk.
        server: PostgreSQL, or ``None``.
    """

    def __init__(self, folder: Path, server: Server | None = None) -> None:
        self.folder = folder
        self.server = server
        self.films = folder / "films"
        self.films.mkdir(parents=True)
        make_films(self.films)
        self.shim = built(folder)
        self._numbers = itertools.count()
        self._idle: list[Nursery] = []
        self._undisturbed: dict[tuple[str, bool], Undisturbed] = {}
        self.remembered: dict[tuple[str, ...], State] = {}
        self._lock = Lock()
        self._making, self._measuring = Lock(), Lock()

    def close(self) -> None:
        for nursery in self._idle:
            nursery.close()

    @contextmanager
    def nursery(self) -> Iterator[Nursery]:
        """Lend a process that forks."""
        with self._lock:
            nursery = self._idle.pop() if self._idle else None
        nursery = nursery or Nursery(self.folder / f"nursery-{next(self._numbers)}", self.shim)
        yield nursery
        with self._lock:
            self._idle.append(nursery)

    @contextmanager
    def place(self) -> Iterator[Path]:
        """Lend a folder for one trial."""
        folder = self.folder / f"trial-{next(self._numbers)}"
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def work(self, name: str, root: Path, *, on_server: bool = False) -> Work:
        catalogue = None
        if on_server:
            assert self.server is not None
            catalogue = self.server.new_database()
        return Work(name, root, self.films, catalogue=catalogue)

    def undisturbed(self, name: str, *, on_server: bool = False) -> Undisturbed:
        """Run a workload once without faults, state by state, and remember."""
        key = (name, on_server)
        with self._measuring:
            if key not in self._undisturbed:
                self._undisturbed[key] = self._measured(name, on_server=on_server)
            return self._undisturbed[key]

    def template(self, name: str, label: str = "template") -> Path:
        """A finished library of a workload, to be copied."""
        root = self.folder / f"{label}-{name}"
        with self._making:
            if not root.exists():
                with self.nursery() as nursery:
                    _require_clean(nursery.run(Work(name, root, self.films)))
        return root

    def twin(self, name: str) -> Path:
        """Another library of the same content."""
        return self.template(name, "twin")

    def _measured(self, name: str, *, on_server: bool) -> Undisturbed:
        from tests.faults.kills import Counting, Recording

        with self.place() as folder, self.nursery() as nursery:
            work = self.work(name, folder / "library", on_server=on_server)
            counted = _require_clean(nursery.run(work, Counting(self.shim is not None)))
            recorded = folder / "states"
            other = self.work(name, folder / "read", on_server=on_server)
            _require_clean(nursery.run(other, Recording(recorded)))
            states: list[State | None] = pickle.loads(recorded.read_bytes())
            whole = read_state(work.root)
            assert whole is not None
            assert whole == states[-1], whole.differs(states[-1])
        return Undisturbed(tuple(states), counted.seconds, counted.report)

    def judged(self, work: Work, ended: Ended) -> Verdict:
        """Compare a struck library with the states it may have, and take the work up again."""
        expected = self.undisturbed(work.name, on_server=work.catalogue is not None).states
        outcome = _outcome(ended)
        if ended.exit_code not in (0, -9) and ended.error_exit_code is None:
            return Verdict(outcome, f"an error without a name: {ended.error} {ended.message}")
        try:
            found = read_state(work.root)
        except LibraryDamagedError as error:
            return Verdict(outcome, f"it cannot be opened: {error}")
        allowed = range(ended.state, min(ended.state + 2, len(expected)))
        state = next((at for at in allowed if expected[at] == found), None)
        if state is None:
            reached = expected[ended.state]
            seen = reached.differs(found) if reached else f"state {ended.state} is no library"
            return Verdict(outcome, f"neither state {ended.state} nor the next: {seen}")
        with self.nursery() as nursery:
            again = nursery.run(replace(work, start=state), Fault())
        if again.exit_code:
            return Verdict(outcome, f"it does not go on: {again.error} {again.message}")
        final = read_state(work.root)
        last = expected[-1]
        assert last is not None
        if final != last:
            return Verdict(outcome, f"after going on: {last.differs(final)}")
        if wrong := problems(work.root):
            return Verdict(outcome, f"after going on: {wrong[0]}")
        step = "as of the last step" if state == ended.state else "with the step in flight"
        return Verdict(f"{outcome}, {step}", litter=tuple(litter(work.root)))


def _outcome(ended: Ended) -> str:
    if ended.was_killed:
        return "killed"
    return ended.error or "ran to the end"


def _require_clean(ended: Ended) -> Ended:
    assert ended.exit_code == 0, ended
    return ended
