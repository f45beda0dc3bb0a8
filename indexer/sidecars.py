"""The subtitle files of a video; they live in ``indexer.subtitles``."""

from indexer.subtitles.sidecars import Sidecar, find_sidecars

__all__ = ["Sidecar", "find_sidecars"]
