"""What a media file says about itself, checked against the first frame."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from statistics import median

from av.video.stream import VideoStream

from indexer.media.container import OpenMedia, open_media, stated_frame_rate
from indexer.media.extent import measured_duration_seconds
from indexer.media.frames import FrameReader
from indexer.media.languages import short_language
from store.timecode import normal_timecode

# How many frames are looked at for how evenly they are spaced.
_NUM_SPACING_FRAMES = 250
# Distances within this share of their median are even: timestamps in whole milliseconds make 33 and
# 34 of 33.3.
_EVEN_SHARE = 0.1
# Up to so many uneven distances are an edit or a lost frame, not a variable rate.
_MAX_UNEVEN_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """Facts about one media file.

    Attributes:
        container: The decoder's name for the format, for example ``mov,mp4,m4a,3gp,3g2,mj2``.
        duration_seconds: From the first presentation timestamp to where the last picture or sound
            ends, as far as the file is there; measured, not what its header says.
        frame_rate: Average frames per second; ``None`` without picture or where nothing is known.
        width_pixels: As displayed, so after rotation and with square pixels; ``None`` without
            picture.
        height_pixels: As displayed.
        rotation_degrees: Clockwise turn that was applied for display: 0, 90, 180 or 270.
        audio_codec: ``None`` without sound.
        audio_language: ISO 639-1 where there is such a code, else ISO 639-3; ``None`` where the
            container does not say.
        start_timecode: As the container carries it, ``01:00:00:00`` or with drop frames
            ``01:00:00;00``; ``None`` where it carries none that can occur at its frame rate.
        is_variable_frame_rate: The first frames are unevenly spaced; a hint, for times come from
            timestamps anyway.
    """

    container: str
    duration_seconds: float
    frame_rate: Fraction | None
    width_pixels: int | None
    height_pixels: int | None
    rotation_degrees: int
    video_codec: str | None
    audio_codec: str | None
    audio_language: str | None
    start_timecode: str | None
    is_variable_frame_rate: bool

    @property
    def has_picture(self) -> bool:
        """Whether there is a picture track; cover art is none."""
        return self.video_codec is not None

    @property
    def has_sound(self) -> bool:
        """Whether there is a sound track."""
        return self.audio_codec is not None


def probe(path: Path) -> MediaInfo:
    """Read what the indexer needs to know before it decodes; decodes one frame.

    Raises:
        MediaNotFoundError: There is no such file.
        MediaUnreadableError: No permission, or the disk fails.
        NotAVideoError: No bytes, or no format that the decoder knows.
        MediaDecodeError: A container that is cut off before its index, or whose picture does not
            decode.
    """
    width_pixels, height_pixels, rotation_degrees = _first_picture(path)
    with open_media(path) as media:
        video, audio = media.video, media.audio
        # Reads the beginning, and so comes before the end is looked for.
        is_uneven = video is not None and _is_unevenly_spaced(media, video)
        return MediaInfo(
            container=media.container.format.name,
            duration_seconds=measured_duration_seconds(media),
            frame_rate=stated_frame_rate(video) if video else None,
            width_pixels=width_pixels,
            height_pixels=height_pixels,
            rotation_degrees=rotation_degrees,
            video_codec=video.codec_context.codec.canonical_name if video else None,
            audio_codec=audio.codec_context.codec.canonical_name if audio else None,
            audio_language=short_language(audio.language) if audio else None,
            start_timecode=_start_timecode(media),
            is_variable_frame_rate=is_uneven,
        )


def _first_picture(path: Path) -> tuple[int | None, int | None, int]:
    """Return displayed width and height and the rotation, which only a decoded frame knows."""
    with FrameReader(path, threads=1) as reader:
        for frame in reader:
            return frame.width_pixels, frame.height_pixels, frame.rotation_degrees
    return None, None, 0


def _start_timecode(media: OpenMedia) -> str | None:
    rate = stated_frame_rate(media.video) if media.video else None
    carriers = [media.container.metadata, *(track.metadata for track in media.container.streams)]
    stated = (carrier.get("timecode") or carrier.get("TIMECODE") for carrier in carriers)
    normal = (normal_timecode(timecode, rate) for timecode in stated if timecode)
    return next((timecode for timecode in normal if timecode), None)


def _is_unevenly_spaced(media: OpenMedia, video: VideoStream) -> bool:
    """Compare the distances of the first frames; reads packets, decodes nothing."""
    times: list[int] = []
    for packet in media.container.demux(video):
        if packet.pts is not None:
            times.append(packet.pts)
        if len(times) >= _NUM_SPACING_FRAMES:
            break
    times.sort()
    distances = [later - earlier for earlier, later in pairwise(times)]
    if not distances:
        return False
    usual = median(distances)
    # One tick either way is rounding.
    uneven = sum(abs(distance - usual) > max(1, usual * _EVEN_SHARE) for distance in distances)
    return uneven / len(distances) > _MAX_UNEVEN_SHARE
