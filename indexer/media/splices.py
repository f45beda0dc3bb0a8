"""Closing up jumps of the clock in recordings that were joined or whose clock was set anew.

Transport and programme streams may start their clock again anywhere. Players go on at such a
splice, and so does the time that is reported here: the new part follows the old one, its picture
and its sound moved by the same amount.
"""

from dataclasses import dataclass
from fractions import Fraction

from av.packet import Packet

# Decoding times only ever grow within one part; this much is a sloppy multiplexer.
_MAX_BACK_SECONDS = Fraction(3, 10)
# A longer wait for the next packet is no pause, unless the other track has gone on meanwhile.
_MAX_AHEAD_SECONDS = 10


@dataclass(slots=True)
class _Part:
    """A stretch with one clock.

    Attributes:
        moved_seconds: Added to its times.
        latest_seconds: Of any track, before they are moved.
    """

    moved_seconds: Fraction
    latest_seconds: Fraction


@dataclass(slots=True)
class _Place:
    """Where one track is: in which part, and its last decoding time there."""

    part: int
    last_seconds: Fraction


class SpliceCloser:
    """Moves the times of packets; shown those of all tracks, in the order of the file.

    Whoever reads the same tracks gets the same times, whichever of them he decodes.
    """

    def __init__(self) -> None:
        self._parts: list[_Part] = []
        self._places: dict[int, _Place] = {}
        self._end_seconds = Fraction(0)

    @property
    def num_splices(self) -> int:
        """Jumps closed so far."""
        return max(0, len(self._parts) - 1)

    def close(self, packet: Packet) -> None:  # type: ignore[type-arg]  # of any track
        """Move the packet's timestamps to where they belong."""
        stamp = packet.dts if packet.dts is not None else packet.pts
        time_base = packet.time_base
        if stamp is None or not time_base:
            return
        shown = (packet.pts if packet.pts is not None else stamp) * time_base
        part = self._part_of(packet.stream_index, stamp * time_base, shown)
        moved_ticks = round(part.moved_seconds / time_base)
        if moved_ticks:
            packet.pts = packet.pts + moved_ticks if packet.pts is not None else None
            packet.dts = packet.dts + moved_ticks if packet.dts is not None else None
        length = (packet.duration or 0) * time_base
        self._end_seconds = max(self._end_seconds, shown + part.moved_seconds + length)

    def _part_of(self, track: int, seconds: Fraction, shown_seconds: Fraction) -> _Part:
        if not self._parts:
            self._parts.append(_Part(Fraction(0), seconds))
            self._end_seconds = shown_seconds
        place = self._places.setdefault(track, _Place(0, self._parts[0].latest_seconds))
        if not self._goes_on(place, seconds):
            later = range(place.part + 1, len(self._parts))
            number = next((part for part in later if self._is_near(part, seconds)), None)
            if number is None:
                number = len(self._parts)
                self._parts.append(_Part(self._end_seconds - shown_seconds, seconds))
            place.part = number
        place.last_seconds = seconds
        part = self._parts[place.part]
        part.latest_seconds = max(part.latest_seconds, seconds)
        return part

    def _goes_on(self, place: _Place, seconds: Fraction) -> bool:
        ahead = seconds - place.last_seconds
        return ahead >= -_MAX_BACK_SECONDS and (
            ahead <= _MAX_AHEAD_SECONDS or self._is_near(place.part, seconds)
        )

    def _is_near(self, part: int, seconds: Fraction) -> bool:
        return abs(seconds - self._parts[part].latest_seconds) <= _MAX_AHEAD_SECONDS
