"""A process that opens a library, searches each space once and says how long that took.

    python -m benchmarks.store_scale.opening LIBRARY STARTED QUERIES

``STARTED`` is the time of day at which the process was started.
"""

import sys
import time

IMPORTING = time.perf_counter()


def main() -> None:
    """Open, search and print JSON."""
    import json
    from pathlib import Path

    import numpy as np

    from store.library import Library

    root, started, queries = sys.argv[1:]
    query = np.load(queries)[:1]
    opening = time.perf_counter()
    with Library.open(Path(root)) as library:
        opened = time.perf_counter()
        seconds = {"import_seconds": opening - IMPORTING, "open_seconds": opened - opening}
        for space in library.spaces():
            before = time.perf_counter()
            library.search_vectors(
                space.space_id, query, 10, query_encoder_id=space.query_encoder_id
            )
            seconds[f"first_{space.embeds}_search_seconds"] = time.perf_counter() - before
        seconds["open_to_searched_seconds"] = time.perf_counter() - opening
        seconds["process_seconds"] = time.time() - float(started)
    print(json.dumps({name: round(value, 4) for name, value in seconds.items()}))


if __name__ == "__main__":
    main()
