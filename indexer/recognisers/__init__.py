"""Models that turn sound into words, one a file."""
