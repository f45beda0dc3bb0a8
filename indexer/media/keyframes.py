"""Key frames alone: a fast pass for when only some frames are looked at.

A key frame needs no other frame to be decoded, so the decoder passes over all that lie between two
of them. That serves where they come at least as often as frames are looked at, and where nobody
needs every frame, as the detection of shots does.
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from av.video.stream import VideoStream

from indexer.media.container import OpenMedia
from indexer.media.frames import Frame, FrameReader
from indexer.media.seeking import frame_table


def keyframe_spacing(path: Path) -> float | None:
    """Return the longest time in seconds that a video goes without a key frame.

    Packets are read and nothing is decoded.

    Returns:
        ``None`` where times are guesswork, or there is no picture track or no key frame in it.

    Raises:
        MediaError: The file is missing, unreadable or no video.
    """
    table = frame_table(path)
    if table is None:
        return None
    times = table.times_seconds
    keys = [float(times[number]) for number in table.key_numbers]
    edges = [float(times[0]), *keys, float(times[-1])]
    return max(later - earlier for earlier, later in pairwise(edges))


def keyframes_suffice(path: Path, interval_seconds: float) -> bool:
    """Say whether key frames come at least as often as frames are looked at.

    Raises:
        MediaError: As ``keyframe_spacing``.
    """
    spacing = keyframe_spacing(path)
    return spacing is not None and spacing <= interval_seconds


class KeyframeReader(FrameReader):
    """Reads the key frames of one video once, as ``FrameReader`` reads all frames.

    A frame's time and picture are those that ``FrameReader`` gives it; what is damaged between two
    key frames goes unnoticed, and ``index`` means nothing.
    """

    def _frames(self, media: OpenMedia, video: VideoStream) -> Iterator[Frame]:
        video.codec_context.skip_frame = "NONKEY"
        last_seconds = 0.0
        for frame in super()._frames(media, video):
            # Some decoders (VP9's) hand out the others too, and some do at the end of the file.
            if frame._decoded.key_frame:
                yield frame
            last_seconds = frame.pts_seconds
        table = frame_table(self.path)
        if table is not None:
            # The last frame of all, which was not decoded, stays as long as any.
            self.end_seconds += float(table.times_seconds[-1]) - last_seconds
