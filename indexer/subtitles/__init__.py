"""Subtitles as evidence: who says what when, what sounds and what is sung.

Files beside the video and text tracks inside it, in any format and encoding, on the video's clock.
"""

from indexer.subtitles.gathering import SubtitleReading, gather_subtitles, subtitle_files
from indexer.subtitles.reading import SourceReading, read_sidecar
from indexer.subtitles.sidecars import all_sidecars

__all__ = [
    "SourceReading",
    "SubtitleReading",
    "all_sidecars",
    "gather_subtitles",
    "read_sidecar",
    "subtitle_files",
]
