"""A process that publishes videos into a library, one after the other.

    python -m benchmarks.store_scale.writer LIBRARY CACHE NUM_SEEDS FIRST COUNT PICTURES_PER_CLIP

It prints ``ready`` when the videos are made, waits for a line, publishes, compacts where the store
can, and prints JSON.
"""

import json
import sys
import time
from pathlib import Path

from benchmarks.store_scale.building import compact
from benchmarks.store_scale.films import FilmMaker
from store.library import Library

# An indexer finishes a video now and then, not all the time.
PAUSE_SECONDS = 0.2


def main() -> None:
    """Publish and print."""
    root, cache, num_seeds, first, count, pictures_per_clip = sys.argv[1:]
    maker = FilmMaker.of(int(num_seeds), Path(cache))
    numbers = range(int(first), int(first) + int(count))
    films = [maker.film(number, int(pictures_per_clip)).indexed for number in numbers]
    print("ready", flush=True)
    sys.stdin.readline()
    seconds = []
    with Library.open(Path(root)) as library:
        for film in films:
            started = time.perf_counter()
            library.publish(film)
            seconds.append(time.perf_counter() - started)
            time.sleep(PAUSE_SECONDS)
        started = time.perf_counter()
        compact(library)
        compact_seconds = time.perf_counter() - started
    print(json.dumps({"publish_seconds": seconds, "compact_seconds": compact_seconds}), flush=True)


if __name__ == "__main__":
    main()
