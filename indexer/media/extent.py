"""How long a file really is: measured at its end, for headers lie about files that were cut off."""

from fractions import Fraction

import av

from indexer.media.container import OpenMedia
from indexer.media.packets import PacketDecoder

# So much of the end is read; key frames are seldom further apart.
_TAIL_SECONDS = 10
# What comes so long after the stated end, and after all before it, has a broken timestamp.
_MAX_JUMP_SECONDS = 10


def measured_duration_seconds(media: OpenMedia) -> float:
    """Return seconds from 0 to where the last picture or sound ends; decodes nothing.

    Reads the last seconds of the file, or all of it where there is no way to find them. Leaves the
    container at its end.
    """
    stated_seconds = media.stated_duration_seconds
    end_seconds = None
    if stated_seconds is not None and not media.may_be_spliced:
        end_seconds = _end_of_tail(media, stated_seconds)
    if end_seconds is None:
        media.container.seek(0)
        end_seconds = _end_from_here(media, None) or media.origin_seconds
    return float(max(Fraction(0), end_seconds - media.origin_seconds))


def _end_of_tail(media: OpenMedia, stated_seconds: float) -> Fraction | None:
    end_seconds = media.origin_seconds + Fraction(stated_seconds)
    try:
        media.container.seek(round((end_seconds - _TAIL_SECONDS) * av.time_base))
    except av.FFmpegError:
        return None
    return _end_from_here(media, end_seconds)


def _end_from_here(media: OpenMedia, stated_end_seconds: Fraction | None) -> Fraction | None:
    """Return where the last packet ends; ``None`` where there is none to be believed."""
    latest_seconds: Fraction | None = None
    believed_seconds = stated_end_seconds
    for packet in PacketDecoder(media).packets(*media.tracks):
        stamp = packet.pts if packet.pts is not None else packet.dts
        if stamp is None or packet.is_discard or packet.is_corrupt:
            continue
        end_seconds = (stamp + (packet.duration or 0)) * packet.time_base
        if believed_seconds is not None:
            if end_seconds > believed_seconds + _MAX_JUMP_SECONDS:
                continue
            believed_seconds = max(believed_seconds, end_seconds)
        latest_seconds = max(latest_seconds or end_seconds, end_seconds)
    return latest_seconds
