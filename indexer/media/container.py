"""Opening a media file: what can go wrong, which tracks count, and where its clock starts.

Apart from the rest of the package because frames, sound and facts must agree on all three.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import islice
from pathlib import Path
from typing import cast

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.format import Flags
from av.stream import Disposition
from av.video.stream import VideoStream

from store.errors import (
    MediaDecodeError,
    MediaError,
    MediaNotFoundError,
    MediaUnreadableError,
    NotAVideoError,
)

# Text drawn as pictures, single photographs, and playlists, which would open other files than the
# one named.
_REFUSED_DEMUXERS = frozenset(
    {
        "tty",
        "image2",
        "image2pipe",
        "hls",
        "dash",
        "imf",
        "concat",
        "concatf",
        "lavfi",
        "sdp",
        "rtsp",
    }
)
_UNREADABLE_ERRNOS = frozenset({errno.EACCES, errno.EPERM, errno.EIO, errno.ESTALE})
# Beyond this it is the tick of a clock, not the rate of a camera; below this one broken length has
# spoilt the average.
_MAX_FRAME_RATE = 1000
_MIN_FRAME_RATE = Fraction(1, 60)
# Among so many packets is the one shown first, however frames are reordered.
_NUM_START_PACKETS = 16
# PyAV's type annotation calls the number a flag.
_MAY_BE_SPLICED = cast(int, Flags.ts_discont.value)
_ATTACHED = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
_SECONDARY_SOUND = Disposition.comment | Disposition.visual_impaired | Disposition.descriptions


@dataclass(frozen=True, slots=True, eq=False)
class OpenMedia:
    """An open file and the tracks of it that are looked at and listened to.

    Attributes:
        origin_seconds: Container time of the instant that is called 0: the first presentation
            timestamp of the picture or of the sound, whichever is earlier. Sound that starts later,
            and picture that starts later, keep their offset from it. Encoder priming before the
            first picture does not move it.
    """

    path: Path
    container: InputContainer
    video: VideoStream | None
    audio: AudioStream | None
    origin_seconds: Fraction

    @property
    def tracks(self) -> tuple[VideoStream | AudioStream, ...]:
        """What is looked at and listened to."""
        return tuple(track for track in (self.video, self.audio) if track is not None)

    @property
    def may_be_spliced(self) -> bool:
        """Whether the clock may start again on the way, as formats made for broadcasting allow."""
        return bool(self.container.format.flags & _MAY_BE_SPLICED)

    @property
    def stated_duration_seconds(self) -> float | None:
        """What the container says, or else its longest track says; not measured."""
        if self.container.duration is not None and self.container.duration > 0:
            return self.container.duration / av.time_base
        stated = [
            float(track.duration * track.time_base)
            for track in self.tracks
            if track.duration is not None and track.time_base is not None
        ]
        return max(stated, default=None)


@contextmanager
def open_media(path: Path) -> Iterator[OpenMedia]:
    """Open a file for as long as the block runs, naming whatever goes wrong in it.

    Raises:
        MediaNotFoundError: There is no such file, or it vanished.
        MediaUnreadableError: No permission, or the disk fails.
        NotAVideoError: Not a file, no bytes, or no container with picture or sound.
        MediaDecodeError: A container that is cut off before it can be understood.
    """
    with named_errors(path):
        _require_bytes(path)
        with _open_container(path) as container:
            video, audio = _choose_video(container), _choose_audio(container)
            if video is None and audio is None:
                raise NotAVideoError(
                    f"{path} holds no picture or sound that can be decoded; choose a video file"
                )
            starts = (_start_seconds(path, video), _start_seconds(path, audio))
            yield OpenMedia(path, container, video, audio, _origin_seconds(*starts))


@contextmanager
def named_errors(path: Path) -> Iterator[None]:
    """Turn what the operating system and the decoder raise into media errors that name the file."""
    try:
        yield
    except MediaError:
        raise
    except FileNotFoundError as error:
        raise MediaNotFoundError(f"{path} does not exist (any more); check the path") from error
    except OSError as error:
        if error.errno in _UNREADABLE_ERRNOS:
            raise MediaUnreadableError(
                f"{path} cannot be read ({error.strerror}); check its permissions and the disk"
            ) from error
        raise MediaDecodeError(
            f"{path} cannot be decoded ({error}); copy the file again"
        ) from error
    except av.FFmpegError as error:
        raise MediaDecodeError(
            f"{path} cannot be decoded ({error.strerror}); copy the file again"
        ) from error


def stated_frame_rate(video: VideoStream) -> Fraction | None:
    """Return average frames per second; ``None`` where nothing credible is stated."""
    stated = (video.average_rate, video.guessed_rate)
    return next(
        (rate for rate in stated if rate and _MIN_FRAME_RATE <= rate <= _MAX_FRAME_RATE), None
    )


def _require_bytes(path: Path) -> None:
    if not path.is_file():
        if not path.exists():
            raise MediaNotFoundError(f"{path} does not exist; check the path")
        raise NotAVideoError(f"{path} is not a file; name a video file")
    with path.open("rb") as stream:
        if not stream.read(1):
            raise NotAVideoError(f"{path} is empty (0 bytes); copy the file again")


def _open_container(path: Path) -> InputContainer:
    options = {"protocol_whitelist": "file", "format_whitelist": _accepted_demuxers()}
    try:
        # "file:" and an absolute path keep a name like "concat:a" or "take:2.mp4" a name.
        url = "file:" + os.path.abspath(path)
        return av.open(url, "r", container_options=options, metadata_errors="replace")
    except (av.InvalidDataError, av.ArgumentError, av.EOFError, ValueError) as error:
        if _looks_like_mp4(path):
            raise MediaDecodeError(
                f"{path} begins like an MP4 and is cut off before its index (moov); "
                "copy or record it again"
            ) from error
        raise NotAVideoError(
            f"{path} is not in a video format that the decoder knows; choose another file"
        ) from error


@cache
def _accepted_demuxers() -> str:
    known = (name for name in av.formats_available if not name.endswith("_pipe"))
    return ",".join(sorted(set(known) - _REFUSED_DEMUXERS))


def _looks_like_mp4(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(12)[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")


def _choose_video(container: InputContainer) -> VideoStream | None:
    """Take the default track, else the largest; cover art is not video."""
    tracks = [
        track
        for track in container.streams.video
        if track.codec_context is not None and not track.disposition & _ATTACHED
    ]
    return max(
        tracks,
        key=lambda track: (
            bool(track.disposition & Disposition.default),
            track.width * track.height,
        ),
        default=None,
    )


def _choose_audio(container: InputContainer) -> AudioStream | None:
    """Take the default track, else the first; commentary and audio description only when alone."""
    tracks = [track for track in container.streams.audio if track.codec_context is not None]
    return max(
        tracks,
        key=lambda track: (
            not track.disposition & _SECONDARY_SOUND,
            bool(track.disposition & Disposition.default),
        ),
        default=None,
    )


def _origin_seconds(video_start: Fraction | None, audio_start: Fraction | None) -> Fraction:
    if video_start is None or audio_start is None:
        return video_start if video_start is not None else audio_start or Fraction(0)
    # Sound before 0 is the encoder's run-in, which the decoder drops.
    return min(video_start, max(audio_start, min(Fraction(0), video_start)))


def _start_seconds(path: Path, track: VideoStream | AudioStream | None) -> Fraction | None:
    """Return when a track starts: as stated, else the earliest of its first packets."""
    if track is None or track.time_base is None:
        return None
    if track.start_time is not None:
        return track.start_time * track.time_base
    with _open_container(path) as container:
        packets = islice(container.demux(container.streams[track.index]), _NUM_START_PACKETS)
        stamps = [packet.pts for packet in packets if packet.pts is not None]
    return min(stamps) * track.time_base if stamps else None
