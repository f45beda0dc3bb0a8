"""Files that are not what was written: pages of the catalogue, and vector files.

Stated outcome for a page: nothing is different, or it is named: ``LibraryDamagedError``, or one of
the library's own checks (pages, full-text index, digest of the video); never a wrong record served
as right; and what stages had found is a memory, so where nothing else is different indexing goes on
and comes to the same. A path of a video and a saved answer are the exceptions: no digest guards
them, and they are counted apart. For a vector file: the same hits as before, read from the
catalogue.
"""

import json
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from store.errors import LibraryDamagedError
from store.library import Library
from tests.faults.ground import Ground, Verdict
from tests.faults.states import State, problems, read_state

PAGE_BYTES = 4096
MOST_FLIPPED = 16
NAMES = ("pipeline", "publishing")


def damaged_page(ground: Ground, place: float, chance: random.Random) -> Verdict:
    """Overwrite some bytes of one page of the catalogue."""
    name = chance.choice(NAMES)
    with ground.place() as folder:
        root = _copy(ground, name, folder)
        whole = ground.undisturbed(name).states[-1]
        assert whole is not None
        catalogue = root / "catalogue.sqlite"
        num_pages = catalogue.stat().st_size // PAGE_BYTES
        _overwrite_used(catalogue, int(place * num_pages) * PAGE_BYTES, chance)
        try:
            found = read_state(root)
            named = problems(root)
        except LibraryDamagedError:
            return Verdict("LibraryDamagedError")
        except Exception as error:
            return Verdict("unnamed", f"an error without a name: {type(error).__name__} {error}")
        if found == whole and named:
            return Verdict("named though all is served right")
        if found == whole:
            return _going_on(ground, name, root, whole)
        if named:
            return Verdict("named by a check")
        if _is_unguarded(found, whole):
            return Verdict("NOT NOTICED: a path or an answer, which no digest guards")
        return Verdict("served wrong", whole.differs(found))


def damaged_vectors(ground: Ground, place: float, chance: random.Random) -> Verdict:
    """Flip, cut, empty, lengthen, exchange or delete a vector file."""
    name = chance.choice(NAMES)
    ways = (_flip, _cut, _empty, _lengthen, _exchange, _strange, _delete)
    way = ways[int(place * len(ways))]
    with ground.place() as folder:
        root = _copy(ground, name, folder)
        whole = ground.undisturbed(name).states[-1]
        assert whole is not None
        vectors = sorted((root / "vectors").glob("*.vectors"))
        before = _contents(vectors)
        way(vectors, ground, chance)
        if _contents(vectors) == before:
            return Verdict("the files are the same", has_fired=False)
        found = read_state(root)
        if found != whole:
            return Verdict(way.__name__, whole.differs(found))
        with Library.open(root) as library:
            library.compact(is_forced=True)
        return _mended(root, whole, way)


def _going_on(ground: Ground, name: str, root: Path, whole: State) -> Verdict:
    """Do the last step again, by another process, with what the stages left."""
    last = len(ground.undisturbed(name).states) - 1
    with ground.nursery() as nursery:
        ended = nursery.run(replace(ground.work(name, root), start=last - 1))
    if ended.error_exit_code is not None:
        return Verdict(f"{ended.error} when it goes on")
    if ended.exit_code:
        return Verdict("unnamed", f"it does not go on: {ended.error} {ended.message}")
    if (found := read_state(root)) != whole and name == "pipeline":
        return Verdict("goes on wrong", whole.differs(found))
    return Verdict("nothing is different")


def _is_unguarded(found: State | None, whole: State) -> bool:
    """Say whether only what no digest of ours covers is different."""
    if found is None:
        return False
    lines = [[_without_paths(line) for line in state.lines] for state in (found, whole)]
    return lines[0] == lines[1] and found.hits == whole.hits


def _without_paths(line: str) -> dict[str, object]:
    return {**json.loads(line), "paths": None}


def _mended(root: Path, whole: State, way: Callable[..., None]) -> Verdict:
    label = way.__name__.strip("_")
    if (found := read_state(root)) != whole:
        return Verdict(label, f"after compacting: {whole.differs(found)}")
    if wrong := problems(root):
        return Verdict(label, f"after compacting: {wrong[0]}")
    return Verdict(f"{label}, the same hits")


def _copy(ground: Ground, name: str, folder: Path) -> Path:
    return Path(shutil.copytree(ground.template(name), folder / "library"))


def _contents(paths: list[Path]) -> list[bytes | None]:
    return [path.read_bytes() if path.is_file() else None for path in paths]


def _overwrite(path: Path, start: int, length: int, chance: random.Random) -> None:
    """Change some bytes in a row for certain."""
    content = bytearray(path.read_bytes())
    first = start + chance.randrange(length)
    for at in range(first, min(first + chance.randint(1, MOST_FLIPPED), len(content))):
        content[at] ^= chance.randint(1, 255)
    path.write_bytes(content)


def _overwrite_used(path: Path, start: int, chance: random.Random) -> None:
    """Change some bytes in a row, from one on that is used: most of a small page is zeros."""
    content = path.read_bytes()
    used = [at for at in range(start, start + PAGE_BYTES) if content[at]]
    _overwrite(path, chance.choice(used or [start]), 1, chance)


def _flip(vectors: list[Path], ground: Ground, chance: random.Random) -> None:
    path = chance.choice(vectors)
    _overwrite(path, 0, path.stat().st_size, chance)


def _cut(vectors: list[Path], ground: Ground, chance: random.Random) -> None:
    path = chance.choice(vectors)
    path.write_bytes(path.read_bytes()[: chance.randrange(path.stat().st_size)])


def _empty(vectors: list[Path], ground: Ground, chance: random.Random) -> None:
    for path in vectors:
        path.write_bytes(b"")


def _lengthen(vectors: list[Path], ground: Ground, chance: random.Random) -> None:
    path = chance.choice(vectors)
    path.write_bytes(path.read_bytes() + chance.randbytes(chance.randint(1, 9000)))


def _exchange(vectors: list[Path], ground: Ground, chance: random.Random) -> None:
    """Put the file of another library, whole and of the same space, in place."""
    for path in vectors:
        path.write_bytes((ground.twin(ground_name(vectors)) / "vectors" / path.name).read_bytes())


def _strange(vectors: list[Path], ground: Ground, chance: random.Random) -> None:
    """Put a whole file of another space in place."""
    other = NAMES[NAMES.index(ground_name(vectors)) - 1]
    files = sorted((ground.template(other) / "vectors").glob("*.vectors"))
    for path in vectors:
        shutil.copyfile(chance.choice(files), path)


def _delete(vectors: list[Path], ground: Ground, chance: random.Random) -> None:
    chance.choice(vectors).unlink()


def ground_name(vectors: list[Path]) -> str:
    """Tell the workload by how many spaces it has."""
    return "publishing" if len(vectors) == 1 else "pipeline"
