"""Where footage and composed films lie: options that several benchmarks share."""

import argparse
import os
from pathlib import Path


def add_places(parser: argparse.ArgumentParser) -> None:
    """Add ``--footage`` and ``--cache``.

    Without footage all shots are rendered; films stay in the cache from run to run.
    """
    footage = os.environ.get("CINEDEX_FOOTAGE")
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    parser.add_argument("--footage", type=Path, default=Path(footage) if footage else None)
    parser.add_argument("--cache", type=Path, default=Path(home) / "cinedex-bench" / "needle")
