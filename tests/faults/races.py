"""Two processes that write the same library, the same videos among theirs; one of them is killed.

Stated outcome: at the kill and at the end every video is one that somebody published, whole; when
the killed one has done its work again, the library is what one process alone makes of it.
"""

import random
import time

from store.library import Library
from tests.faults.ground import Ground, Verdict
from tests.faults.nursery import Ended, Fault
from tests.faults.states import State, litter, problems, read_state


def publishing(ground: Ground, place: float, chance: random.Random) -> Verdict:
    """Publish, both at a time."""
    return _race(ground, ("racing upwards", "racing downwards"), place, chance)


def indexing(ground: Ground, place: float, chance: random.Random) -> Verdict:
    """Index the same films from both ends, both at a time."""
    return _race(ground, ("indexing upwards", "indexing downwards"), place, chance)


def _race(ground: Ground, names: tuple[str, str], place: float, chance: random.Random) -> Verdict:
    serial = _serial(ground, names)
    seconds = ground.undisturbed(names[0]).seconds
    with ground.place() as folder, ground.nursery() as one, ground.nursery() as other:
        root = folder / "library"
        works = [ground.work(name, root) for name in names]
        one.start(works[0], Fault())
        other.start(works[1], Fault())
        time.sleep(place * 1.5 * seconds)
        one.kill()
        killed = one.wait()
        at_the_kill = _broken(read_state(root), ground, names)
        survivor = other.wait()
        loss = at_the_kill or _ended_badly(survivor) or _broken(read_state(root), ground, names)
        if loss or (loss := ", ".join(problems(root))):
            return Verdict("both at a time", loss)
        if not killed.was_killed:
            return Verdict("it was too late", has_fired=False)
        loss = _ended_badly(one.run(works[0])) or serial.differs(read_state(root))
        if loss or (loss := ", ".join(problems(root))):
            return Verdict("one killed", loss)
        with Library.open(root) as library:
            library.compact(is_forced=True)
        return Verdict("one killed, the other not disturbed", litter=tuple(litter(root)))


def _serial(ground: Ground, names: tuple[str, str]) -> State:
    """What both make of it one after the other."""
    known = ground.remembered.get(names)
    if known is None:
        with ground.place() as folder, ground.nursery() as nursery:
            for name in names:
                ended = nursery.run(ground.work(name, folder / "library"))
                assert not ended.exit_code, ended
            known = read_state(folder / "library")
        assert known is not None
        ground.remembered[names] = known
    return known


def _broken(found: State | None, ground: Ground, names: tuple[str, str]) -> str:
    """Name a video that nobody published so."""
    if found is None:
        return ""
    published = {
        lines
        for name in names
        for state in ground.undisturbed(name).states
        if state is not None
        for lines in state.videos().values()
    }
    return next(
        (
            f"not whole: {name[:100]}"
            for name, lines in found.videos().items()
            if lines not in published
        ),
        "",
    )


def _ended_badly(ended: Ended) -> str:
    return f"{ended.error} {ended.message}" if ended.exit_code else ""
