"""Whether memory grows with the length of a film; ``python -m benchmarks.long_film``."""
