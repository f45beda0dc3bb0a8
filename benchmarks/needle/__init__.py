"""Composes films whose every answer is known from footage and rendered shots, and searches them."""

import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"
# What renders the sample film is run as a script and is no part of the package.
sys.path.append(str(EXAMPLES))
