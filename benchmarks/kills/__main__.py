"""Kill ``cinedex index`` at random moments and index again: nothing of it may show.

    python -m benchmarks.kills [--count 30] [--seed 1] [--film PATH] [--at-once 2]

The real command with the real models indexes a short film. Its whole group of processes is killed
(``kill -9``) at a random moment, up to three times in a row, and the run after that must end with
the canonical dump of an undisturbed run, without doing again what had finished. The same after
Ctrl-C, and when an upgrade with another captioner is killed. Figures are kept in
``benchmarks/results/kills.json``; whatever is not equal is printed and ends the run with 1.
"""

import argparse
import json
import random
import signal
import statistics
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.kills.stretch import write_stretch
from benchmarks.kills.trials import Round, Trials, Undisturbed, differences, draw_shares
from benchmarks.run import SAMPLE, keep, machine

# Ctrl-C and the upgrade get a smaller share of the rounds: the same code goes on after them.
ROUNDS_PER_OTHER = 5
OTHER_CAPTIONER = {"captions": 99}
UPGRADED_STAGES = {"probe", "captions", "embed", "summary", "publish"}


def main() -> None:
    """Strike, print, keep."""
    arguments = _arguments()
    chance = random.Random(arguments.seed)
    with (
        tempfile.TemporaryDirectory(prefix="cinedex-kills-") as name,
        ThreadPoolExecutor(arguments.at_once) as pool,
    ):
        folder = Path(name)
        film = arguments.film
        if film is None:
            (sample,) = SAMPLE.glob("*.mp4")
            film = write_stretch(sample, folder / "Small Things.mp4")
        trials = Trials(film, folder)
        names = ("undisturbed", "again")
        whole, again = pool.map(trials.undisturbed, names)
        wrong = [f"two undisturbed runs: {text}" for text in differences(whole.dump, again.dump)]
        others = max(1, arguments.count // ROUNDS_PER_OTHER)
        upgrading = Trials(film, folder, OTHER_CAPTIONER, folder / "undisturbed" / "library")
        upgraded, more = _upgraded(upgrading, Trials(film, folder, OTHER_CAPTIONER))
        wrong += more
        plans = {
            "killed": (trials, whole, arguments.count, signal.SIGKILL),
            "interrupted": (trials, whole, others, signal.SIGINT),
            "upgrade killed": (upgrading, upgraded, others, signal.SIGKILL),
        }
        rounds = {
            kind: _rounds(pool, kind, *plan, random.Random(f"{kind} {chance.random()}"))
            for kind, plan in plans.items()
        }
    figures = {kind: _summary(of) for kind, of in rounds.items()}
    print(json.dumps(figures, indent=2))
    keep(
        "kills",
        {
            "machine": machine(),
            "seed": arguments.seed,
            "undisturbed": {
                "seconds": whole.seconds,
                "processor_seconds": whole.work_seconds,
                "idle_processor_seconds": whole.idle_seconds,
                "lines": len(whole.dump.lines),
            },
            "wrong": wrong,
            **figures,
            "rounds": {kind: [asdict(one) for one in of] for kind, of in rounds.items()},
        },
    )
    if wrong or any(one.wrong for of in rounds.values() for one in of):
        raise SystemExit("\n".join(wrong) or 1)


def _upgraded(upgrading: Trials, anew: Trials) -> tuple[Undisturbed, list[str]]:
    """Change the captioner of an indexed film, undisturbed; say what is not as it should be."""
    upgraded, whole = upgrading.undisturbed("upgraded"), anew.undisturbed("anew")
    wrong = [f"the upgrade: {text}" for text in differences(whole.dump, upgraded.dump)]
    if set(upgraded.stages) != UPGRADED_STAGES:
        wrong.append(f"the upgrade ran {', '.join(upgraded.stages)}")
    return upgraded, wrong


def _rounds(
    pool: ThreadPoolExecutor,
    kind: str,
    trials: Trials,
    whole: Undisturbed,
    count: int,
    number: signal.Signals,
    chance: random.Random,
) -> list[Round]:
    shares = [draw_shares(chance, chance.random()) for _ in range(count)]
    rounds = []
    for one in pool.map(partial(trials.round, whole, number=number), shares):
        rounds.append(one)
        moments = ", ".join(f"{seconds:.1f}" for seconds in one.struck_seconds)
        print(
            f"{kind} {len(rounds)}/{count}: after {moments} s; {len(one.finished_stages)} stages "
            f"done, {one.num_parts} parts of others; {one.saved_share:.0%} of the work saved",
            *one.wrong,
            sep="\n  WRONG: ",
            flush=True,
        )
    return rounds


def _summary(rounds: Sequence[Round]) -> dict[str, Any]:
    return {
        "rounds": len(rounds),
        "equal": sum(not one.wrong for one in rounds),
        "same_bits": sum(one.is_same_bits for one in rounds),
        "signals": sum(len(one.struck_seconds) for one in rounds),
        "went_on_within_a_stage": sum(one.num_parts > 0 for one in rounds),
        "least_cosine": min(one.least_cosine for one in rounds),
        "mean_saved_share": statistics.mean(one.saved_share for one in rounds),
        "slowest_end_seconds": max(one.slowest_end_seconds for one in rounds),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Kill indexing and index again.")
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--film", type=Path)
    parser.add_argument("--at-once", type=int, default=2, help="rounds side by side")
    return parser.parse_args()


if __name__ == "__main__":
    main()
