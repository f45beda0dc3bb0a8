"""Timestamps that are far from everything around them: broken ones lose their say."""

from av.packet import Packet

from indexer.media.container import OpenMedia
from store.errors import MediaDecodeError

# No scene lasts so long without a picture or a sound.
_LEAP_SECONDS = 3_600.0
# Longer than any tape, film or day of surveillance; what claims more has a broken clock.
_LONGEST_HOURS = 200


class LeapGuard:
    """Takes the timestamps off packets that leap ahead alone; whoever reads them goes on counting.

    A leap is real where the other track makes it too, or where there is no other and the next
    packet lies there as well. Shown the packets of all tracks, in the order of the file.
    """

    def __init__(self, media: OpenMedia) -> None:
        self._path = media.path
        self._origin_seconds = float(media.origin_seconds)
        self._latest_seconds = self._origin_seconds
        self._has_other = len(media.tracks) > 1
        self._leapt_seconds: dict[int, float] = {}

    def check(self, packet: Packet) -> None:  # type: ignore[type-arg]  # of any track
        """Remove the packet's timestamps where they are broken.

        Raises:
            MediaDecodeError: They are not, and the file claims to go on for weeks.
        """
        stamp = packet.pts if packet.pts is not None else packet.dts
        if stamp is None or not packet.time_base:
            return
        seconds = float(stamp * packet.time_base)
        # MP4 keeps lengths, not times: what comes before a leap is as long as the leap.
        if packet.duration and packet.duration * packet.time_base > _LEAP_SECONDS:
            packet.duration = 0
        if self._is_alone(packet.stream_index, seconds):
            self._leapt_seconds[packet.stream_index] = seconds
            packet.pts = packet.dts = None
            return
        self._leapt_seconds.pop(packet.stream_index, None)
        self._latest_seconds = max(self._latest_seconds, seconds)
        if seconds - self._origin_seconds > _LONGEST_HOURS * 3_600:
            raise MediaDecodeError(
                f"{self._path} has timestamps more than {_LONGEST_HOURS} hours apart; its clock is "
                "broken: write it anew with a tool that sets timestamps, or cut it into parts"
            )

    def _is_alone(self, track: int, seconds: float) -> bool:
        if seconds - self._latest_seconds <= _LEAP_SECONDS:
            return False
        return not any(
            abs(seconds - leapt_seconds) <= _LEAP_SECONDS
            for leapt, leapt_seconds in self._leapt_seconds.items()
            if not self._has_other or leapt != track
        )
