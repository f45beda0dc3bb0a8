"""Inject some hundreds of faults, on both databases, and count what was lost: nothing may be.

    python -m benchmarks.faults [--count 500] [--seed 0] [--kind NAME]

What is injected and what must come of it is in ``tests/faults``. The outcomes by kind are printed
and kept in ``benchmarks/results/faults.json``; a loss, a file left behind or a fault that struck
nothing ends the run with 1.
"""

import argparse
import json
import tempfile
import threading
import time
import traceback
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.run import keep, machine
from tests.faults.ground import Ground, Verdict
from tests.faults.kinds import KINDS, SERVER, injected, lacks
from tests.postgresql import Server, programs

WORKERS = 2
PROGRESS_INJECTIONS = 25


@dataclass(frozen=True)
class Trial:
    """One injection: its kind, how far into the run it strikes, and its seed."""

    kind: str
    place: float
    seed: int


@dataclass
class Tally:
    """What came of all injections so far."""

    outcomes: dict[str, Counter[str]] = field(default_factory=dict)
    losses: list[dict[str, Any]] = field(default_factory=list)
    litter: list[dict[str, Any]] = field(default_factory=list)
    missed: Counter[str] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)
    num_done: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, trial: Trial, verdict: Verdict, seconds: float, total: int) -> None:
        """Count one."""
        about = {"kind": trial.kind, "place": trial.place, "seed": trial.seed}
        with self.lock:
            self.num_done += 1
            self.seconds[trial.kind] += seconds
            if verdict.loss:
                self.losses.append({**about, "loss": verdict.loss})
                print(f"LOST: {trial}: {verdict.loss}", flush=True)
            if verdict.litter:
                self.litter.append({**about, "litter": verdict.litter})
                print(f"left behind: {trial}: {verdict.litter}", flush=True)
            if verdict.has_fired:
                self.outcomes.setdefault(trial.kind, Counter())[verdict.outcome] += 1
            else:
                self.missed[trial.kind] += 1
            if self.num_done % PROGRESS_INJECTIONS == 0 or self.num_done == total:
                print(f"{self.num_done}/{total}, {len(self.losses)} lost", flush=True)


def main() -> None:
    """Inject, print, keep."""
    arguments = _arguments()
    started = time.monotonic()
    folder_of_programs = programs()
    server = Server(folder_of_programs) if folder_of_programs is not None else None
    try:
        with tempfile.TemporaryDirectory(prefix="cinedex-faults-") as folder:
            ground = Ground(Path(folder) / "ground", server)
            try:
                left_out = {name: lacks(ground, kind) for name, kind in KINDS.items()}
                left_out = {name: reason for name, reason in left_out.items() if reason}
                for name, reason in left_out.items():
                    print(f"left out: {name}: it needs {reason}", flush=True)
                tally = _run(ground, _plan(arguments, left_out))
            finally:
                ground.close()
    finally:
        if server is not None:
            server.stop()
    figures = _figures(tally, time.monotonic() - started)
    _print_table(tally)
    if arguments.kind is None:
        keep(
            "faults",
            {"machine": machine(), "seed": arguments.seed, "left_out": left_out, **figures},
        )
    if tally.losses or tally.litter or tally.missed:
        raise SystemExit(1)


def _plan(arguments: argparse.Namespace, left_out: dict[str, str]) -> list[Trial]:
    """Share the injections out among the kinds, evenly spaced over the run in each."""
    shares = {
        name: kind.share
        for name, kind in KINDS.items()
        if name not in left_out and arguments.kind in (None, name)
    }
    trials = []
    given, so_far, total = 0, 0, sum(shares.values())
    for name, share in shares.items():
        so_far += share
        count = arguments.count * so_far // total - given
        given += count
        trials += [
            Trial(name, (number + 0.5) / count, arguments.seed * 10_000 + number)
            for number in range(count)
        ]
    return trials


def _run(ground: Ground, trials: list[Trial]) -> Tally:
    """Work through the trials, those on the server one after another: they strike all of it."""
    served = deque(trial for trial in trials if KINDS[trial.kind].needs == SERVER)
    others = deque(trial for trial in trials if KINDS[trial.kind].needs != SERVER)
    tally = Tally()

    def work(queues: list[deque[Trial]]) -> None:
        for queue in queues:
            while queue:
                try:
                    trial = queue.popleft()
                except IndexError:
                    break
                began = time.monotonic()
                try:
                    verdict = injected(ground, trial.kind, trial.place, trial.seed)
                except Exception:
                    verdict = Verdict("the trial failed", traceback.format_exc())
                tally.add(trial, verdict, time.monotonic() - began, len(trials))

    queues = [[served, others], *([others] for _ in range(WORKERS - 1))]
    threads = [threading.Thread(target=work, args=(mine,)) for mine in queues]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tally


def _figures(tally: Tally, seconds: float) -> dict[str, Any]:
    kinds = {
        name: {"injected": outcomes.total(), "outcomes": dict(outcomes.most_common())}
        for name, outcomes in sorted(tally.outcomes.items())
    }
    return {
        "injected": sum(kind["injected"] for kind in kinds.values()),
        "losses": tally.losses,
        "left_behind": tally.litter,
        "struck_nothing": dict(tally.missed),
        "seconds": seconds,
        "kinds": kinds,
    }


def _print_table(tally: Tally) -> None:
    lost = Counter(loss["kind"] for loss in tally.losses)
    print(f"{'kind':28}{'injected':>9}{'lost':>6}{'s each':>8}  outcomes")
    for name in KINDS:
        outcomes = tally.outcomes.get(name, Counter())
        if not outcomes and not tally.missed[name]:
            continue
        each = tally.seconds[name] / max(1, outcomes.total() + tally.missed[name])
        said = "; ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common())
        print(f"{name:28}{outcomes.total():9}{lost[name]:6}{each:8.2f}  {said}")
    total = sum(outcomes.total() for outcomes in tally.outcomes.values())
    print(json.dumps({"injected": total, "lost": len(tally.losses)}))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Inject faults and count what is lost.")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", choices=sorted(KINDS))
    return parser.parse_args()


if __name__ == "__main__":
    main()
