"""A process that measures one contestant of the comparison, with nothing else loaded.

    python -m benchmarks.store_scale.competing FOLDER NUM_TEXTS PICTURES SCRATCH NUM_QUERIES NAME

It prints one line of JSON.
"""

import json
import sys
import tempfile
from pathlib import Path

from benchmarks.store_scale.building import Built
from benchmarks.store_scale.comparison import contestants, measure_contestant
from benchmarks.store_scale.plan import Plan
from benchmarks.store_scale.queries import Queries, read_queries


def main() -> None:
    """Measure and print."""
    folder, num_texts, pictures_per_clip, scratch, num_queries, name = sys.argv[1:]
    built = Built(Plan(int(num_texts), int(pictures_per_clip)), Path(folder), {})
    queries = read_queries(Path(scratch))
    count = int(num_queries)
    asked = Queries(queries.texts[:count], queries.vectors[:count])
    with tempfile.TemporaryDirectory(dir=scratch) as own:
        figures = measure_contestant(contestants(built)[name](), built, asked, Path(own))
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
