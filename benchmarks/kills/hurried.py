"""``cinedex`` in small steps, so that a short film is long enough to be interrupted in each.

    python -m benchmarks.kills.hurried '{"captions": 99}' --library PATH index FILM

What models answer is saved every half second instead of every twenty, and sound is heard in pieces
of ten seconds instead of minutes. The first argument names stages that are of another version, as
after an upgrade; ``{}`` for none.
"""

import json
import signal
import sys

from cinedex.cli.app import main as cinedex
from indexer import memo, pieces, stages

SAVE_SECONDS = 0.5
PIECE_SECONDS, SEARCH_SECONDS = 10.0, 3.0


def main() -> None:
    """Run the command line as a child of the benchmark."""
    versions = json.loads(sys.argv.pop(1))
    # Whoever is started in the background inherits that Ctrl-C is ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    memo.SAVE_SECONDS = SAVE_SECONDS
    pieces.PIECE_SECONDS, pieces._SEARCH_SECONDS = PIECE_SECONDS, SEARCH_SECONDS
    stages.VERSIONS = {**stages.VERSIONS, **versions}
    cinedex()


if __name__ == "__main__":
    main()
