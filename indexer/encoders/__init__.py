"""Models that turn pictures and text into vectors, one a file."""
