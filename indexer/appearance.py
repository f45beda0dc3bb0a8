"""What can be measured in pictures without a network: light, colour and motion."""

from array import array
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from indexer.frames import cell_means
from store.timespan import TimeSpan

SAMPLES_PER_SECOND = 4.0
MOVING_LEVELS = (
    5.0  # a cell of the picture moves when it changes by more than this between two samples
)

COLOURS = ("red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink", "brown")
HUE_BOUNDS_DEGREES = (15, 42, 65, 165, 195, 260, 290, 345)
HUE_NAMES = ("red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink", "red")
MOST_TINT_OF_GREY = 0.015  # encoders leave grey film a tint of a level or two, of 255
COLOURFUL_SATURATION = 0.25
COLOURFUL_VALUE = 0.2
BROWN_VALUE = 0.6
OLIVE_HUE_DEGREES = 48  # dull yellow from here on is the green of grass


class Light(StrEnum):
    """How bright the picture is."""

    DARK = "dark"
    MEDIUM = "medium"
    BRIGHT = "bright"


class Motion(StrEnum):
    """What moves."""

    STILL = "still"  # nothing
    SUBJECT = "subject"  # something; the camera may move slowly
    CAMERA = "camera"  # most of the picture


@dataclass(frozen=True, slots=True)
class Appearance:
    """How a stretch of video looks.

    Attributes:
        luma: Mean brightness in ``[0, 1]``.
        tint: Mean distance of the strongest from the weakest colour channel, in ``[0, 1]``.
        colours: Colour to the share of the picture that has it.
        moving_share: Share of the picture that changes from one quarter of a second to the next,
            mean over time; ``None`` where one instant is all there is.
    """

    luma: float
    tint: float
    colours: dict[str, float]
    moving_share: float | None

    @property
    def light(self) -> Light:
        """Brightness in a word; only the clear cases are named."""
        if self.luma < 0.18:
            return Light.DARK
        return Light.BRIGHT if self.luma > 0.65 else Light.MEDIUM

    @property
    def is_black_and_white(self) -> bool:
        """Grey all over; a pale or foggy picture is not."""
        return self.tint < MOST_TINT_OF_GREY

    @property
    def motion(self) -> Motion | None:
        """What moves, judged by how much of the picture does; ``None`` where nobody knows."""
        if self.moving_share is None:
            return None
        if self.moving_share < 0.01:
            return Motion.STILL
        return Motion.CAMERA if self.moving_share > 0.45 else Motion.SUBJECT

    def dominant_colours(self, least_share: float = 0.3, most: int = 2) -> tuple[str, ...]:
        """Name colours that fill a good part of the picture, the largest first."""
        named = sorted(self.colours.items(), key=lambda pair: -pair[1])
        return tuple(colour for colour, share in named if share >= least_share)[:most]


@dataclass(frozen=True, slots=True, eq=False)
class AppearanceTrack:
    """Samples of one video: all that is needed to tell how any stretch of it looks.

    Attributes:
        times: ``(M,)`` presentation times in seconds, ascending.
        rows: ``(M, 12)`` float32: luma, tint, moving share, and the share of each of ``COLOURS``.

    Raises:
        ValueError: The shapes do not fit.
    """

    times: NDArray[np.float64]
    rows: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.rows.shape != (len(self.times), 3 + len(COLOURS)):
            raise ValueError(
                f"{len(self.times)} samples need ({len(self.times)}, {3 + len(COLOURS)}) rows, "
                f"got {self.rows.shape}"
            )

    def appearance(self, span: TimeSpan) -> Appearance:
        """Summarise a stretch; one without a sample looks like the sample before it.

        Raises:
            ValueError: There is no sample at all.
        """
        if not len(self.times):
            raise ValueError("no frame was pushed, so nothing was measured")
        first = int(np.searchsorted(self.times, span.start_seconds))
        end = max(int(np.searchsorted(self.times, span.end_seconds)), first)
        if first == end:
            first = max(0, first - 1)
            end = first + 1
        rows = self.rows[first:end]
        means = rows.mean(axis=0)
        # The first sample of a stretch is compared with the stretch before it, usually across a
        # cut.
        moving = float(rows[1:, 2].mean()) if len(rows) > 1 else None
        colours = {name: float(share) for name, share in zip(COLOURS, means[3:], strict=True)}
        return Appearance(float(means[0]), float(means[1]), colours, moving)


class AppearanceMeter:
    """Measures a few samples a second in the decode loop.

    Memory: 56 bytes a sample, 0.8 MB an hour.
    """

    def __init__(self) -> None:
        self._previous: NDArray[np.float32] | None = None
        self._next_seconds = 0.0
        self._times = array("d")
        self._rows = array("f")

    def push(self, small_picture: NDArray[np.uint8], pts_seconds: float) -> None:
        """Take the next frame, ``(H, W, 3)`` RGB, in presentation order; most are passed over."""
        if self._times and pts_seconds < self._next_seconds:
            return
        cells = cell_means(small_picture)
        moving = 0.0
        if self._previous is not None:
            moving = float((np.abs(cells - self._previous).max(axis=2) > MOVING_LEVELS).mean())
        self._previous = cells
        self._next_seconds = pts_seconds + 1 / SAMPLES_PER_SECOND
        self._times.append(pts_seconds)
        self._rows.extend(_measures(cells, moving).tolist())

    def track(self) -> AppearanceTrack:
        """Return what was measured so far."""
        rows = np.array(self._rows, np.float32).reshape(-1, 3 + len(COLOURS))
        return AppearanceTrack(np.array(self._times, np.float64), rows)

    def samples(self) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """Return the arrays to keep: ``AppearanceTrack(*samples)`` reads them again."""
        track = self.track()
        return track.times, track.rows

    def appearance(self, span: TimeSpan) -> Appearance:
        """Summarise a stretch of what was measured so far."""
        return self.track().appearance(span)


def _measures(cells: NDArray[np.float32], moving: float) -> NDArray[np.float32]:
    """Return luma, tint, moving share and the share of each colour."""
    flat = (cells.reshape(-1, 3) / 255).astype(np.float32)
    luma = float((flat @ np.array([0.299, 0.587, 0.114], dtype=np.float32)).mean())
    shares = colour_shares(flat)
    tint = float((flat.max(axis=1) - flat.min(axis=1)).mean())
    row = [luma, tint, moving, *(shares[name] for name in COLOURS)]
    return np.array(row, dtype=np.float32)


def colour_shares(pixels: NDArray[np.float32]) -> dict[str, float]:
    """Name the colour of each of ``(N, 3)`` RGB pixels in ``[0, 1]`` and count; greys have none.

    Example:
        >>> pixels = [[1, 0, 0], [0.4, 0.2, 0.1], [0, 0, 1], [0.5, 0.5, 0.5]]
        >>> shares = colour_shares(np.array(pixels, dtype=np.float32))
        >>> shares["red"], shares["brown"], shares["blue"], sum(shares.values())
        (0.25, 0.25, 0.25, 0.75)
    """
    value, least = pixels.max(axis=1), pixels.min(axis=1)
    spread = np.maximum(value - least, 1e-6)
    red, green, blue = pixels.T
    sector = np.where(
        value == red,
        (green - blue) / spread % 6,
        np.where(value == green, (blue - red) / spread + 2, (red - green) / spread + 4),
    )
    names = np.array(HUE_NAMES)[np.digitize(sector * 60, HUE_BOUNDS_DEGREES)]
    is_dull_warm = np.isin(names, ("red", "orange")) & (value < BROWN_VALUE) & (green > blue * 1.2)
    is_dull_warm &= sector * 60 > 8
    names = np.where(is_dull_warm, "brown", names)
    is_olive = (names == "yellow") & (value < BROWN_VALUE) & (sector * 60 >= OLIVE_HUE_DEGREES)
    names = np.where(is_olive, "green", names)
    is_coloured = (spread / np.maximum(value, 1e-6) >= COLOURFUL_SATURATION) & (
        value >= COLOURFUL_VALUE
    )
    return {name: float(((names == name) & is_coloured).mean()) for name in COLOURS}
