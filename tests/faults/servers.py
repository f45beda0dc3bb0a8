"""A database server whose connections are cut, or that goes down and comes back.

Stated outcome: a write is tried again and the run goes on; or it ends with
``LibraryConnectionError`` (exit code 4) and the library is as published last.
"""

import random
import time

from tests.faults.ground import Ground, Verdict
from tests.faults.nursery import Ended, Fault

CONNECTION, CONNECTION_EXIT_CODE = "LibraryConnectionError", 4
MOST_CUTS = 4
LONGEST_OUTAGE_SECONDS = 1.0
TRIES = 40


def cut(ground: Ground, place: float, chance: random.Random) -> Verdict:
    """Cut all connections at some moments of a run."""
    server = ground.server
    assert server is not None
    name, seconds = _chosen(ground, chance)
    with ground.place() as folder, ground.nursery() as nursery:
        work = ground.work(name, folder / "library", on_server=True)
        nursery.start(work, Fault())
        time.sleep(place * seconds)
        num_cut = 0
        wanted = chance.randint(1, MOST_CUTS)
        for _ in range(TRIES):
            num_cut += server.cut_connections()
            if num_cut >= wanted:
                break
            time.sleep(chance.uniform(0.0, 0.05))
        ended = nursery.wait()
        if not num_cut:
            return Verdict("no connection was open", has_fired=False)
        return _named_lost(ended) or ground.judged(work, ended)


def halt(ground: Ground, place: float, chance: random.Random) -> Verdict:
    """Let the server crash in the middle of a run, and start it again."""
    server = ground.server
    assert server is not None
    name, seconds = _chosen(ground, chance)
    with ground.place() as folder, ground.nursery() as nursery:
        work = ground.work(name, folder / "library", on_server=True)
        nursery.start(work, Fault())
        time.sleep(place * seconds)
        server.halt()
        try:
            time.sleep(chance.uniform(0.0, LONGEST_OUTAGE_SECONDS))
        finally:
            server.start()
        ended = nursery.wait()
        expected = len(ground.undisturbed(name, on_server=True).states) - 1
        if ended.state == expected and ended.seconds < place * seconds:
            return Verdict("it was too late", has_fired=False)
        return _named_lost(ended) or ground.judged(work, ended)


def _chosen(ground: Ground, chance: random.Random) -> tuple[str, float]:
    name = chance.choice(("pipeline", "publishing"))
    return name, ground.undisturbed(name, on_server=True).seconds * 0.9


def _named_lost(ended: Ended) -> Verdict | None:
    named = (ended.error, ended.error_exit_code)
    if not ended.exit_code or named == (CONNECTION, CONNECTION_EXIT_CODE):
        return None
    return Verdict(ended.error, f"not called a lost connection: {ended.error} {ended.message}")
