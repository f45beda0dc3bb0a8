"""A decoded frame as pixels the way a viewer sees them: scaled, square-pixelled, upright."""

from fractions import Fraction

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

# Averaging over the area costs less than swscale's bilinear and bicubic when scaling down, and does
# not alias.
_INTERPOLATION = Interpolation.AREA
_SMALLEST_SIDE_PIXELS = 2
# Pixels this close to square are square: the ratio only makes up for a size rounded to whole
# pixels.
_SQUARE_TOLERANCE = Fraction(1, 100)


def displayed_size(
    width_pixels: int,
    height_pixels: int,
    sample_aspect_ratio: Fraction | None,
    rotation_degrees: int,
) -> tuple[int, int]:
    """Return width and height as a viewer sees them.

    Args:
        width_pixels: As coded.
        height_pixels: As coded.
        sample_aspect_ratio: Width of one pixel over its height; ``None`` for square.
        rotation_degrees: Clockwise, a multiple of 90.

    Example:
        >>> displayed_size(720, 576, Fraction(16, 15), 90)
        (576, 768)
    """
    if sample_aspect_ratio and abs(sample_aspect_ratio - 1) > _SQUARE_TOLERANCE:
        width_pixels = max(1, round(width_pixels * sample_aspect_ratio))
    return (
        (height_pixels, width_pixels) if rotation_degrees % 180 else (width_pixels, height_pixels)
    )


def clockwise_rotation(frame: VideoFrame) -> int:
    """Return the clockwise turn that sets the frame upright: 0, 90, 180 or 270 degrees."""
    return round(-frame.rotation / 90) % 4 * 90


def scaled_size(
    width_pixels: int, height_pixels: int, longest_side_pixels: int | None
) -> tuple[int, int]:
    """Fit a size into a square without enlarging it; scaled sides are even and at least 2.

    Example:
        >>> scaled_size(640, 360, 160), scaled_size(2, 2, 160), scaled_size(640, 4, 48)
        ((160, 90), (2, 2), (48, 2))
    """
    longest = max(width_pixels, height_pixels)
    if longest_side_pixels is None or longest <= longest_side_pixels:
        return width_pixels, height_pixels
    return (
        _even(width_pixels * longest_side_pixels / longest),
        _even(height_pixels * longest_side_pixels / longest),
    )


def _even(side: float) -> int:
    return max(_SMALLEST_SIDE_PIXELS, round(side / 2) * 2)


class PictureScaler:
    """Converts the frames of one video to pictures that all have the shape of the first.

    Keeps one scaling context for each size asked of it. A video that changes its size on the way is
    stretched to the size it began with.

    Attributes:
        width_pixels: As displayed.
        height_pixels: As displayed.
        rotation_degrees: Clockwise turn that is applied: 0, 90, 180 or 270.
    """

    def __init__(self, first: VideoFrame, sample_aspect_ratio: Fraction | None) -> None:
        self.rotation_degrees = clockwise_rotation(first)
        self._unturned_size = displayed_size(first.width, first.height, sample_aspect_ratio, 0)
        self.width_pixels, self.height_pixels = displayed_size(
            first.width, first.height, sample_aspect_ratio, self.rotation_degrees
        )
        self._reformatters: dict[int | None, VideoReformatter] = {}

    def picture(self, frame: VideoFrame, longest_side_pixels: int | None) -> NDArray[np.uint8]:
        """Return ``(H, W, 3)`` RGB of the frame as displayed.

        Raises:
            ValueError: The side is less than 2 pixels.
        """
        if longest_side_pixels is not None and longest_side_pixels < _SMALLEST_SIDE_PIXELS:
            raise ValueError(
                f"a picture's longest side is at least 2 pixels, got {longest_side_pixels}"
            )
        width, height = scaled_size(*self._unturned_size, longest_side_pixels)
        if longest_side_pixels not in self._reformatters:
            self._reformatters[longest_side_pixels] = VideoReformatter()
        # Threads cost more than they bring at these sizes.
        scaled = self._reformatters[longest_side_pixels].reformat(
            frame,
            width=width,
            height=height,
            format="rgb24",
            interpolation=_INTERPOLATION,
            threads=1,
        )
        # Rows are padded in memory for some widths.
        pixels = np.asarray(scaled.to_ndarray(), dtype=np.uint8)
        return np.ascontiguousarray(np.rot90(pixels, -self.rotation_degrees // 90))


def scaled_picture(
    picture: NDArray[np.uint8], longest_side_pixels: int | None
) -> NDArray[np.uint8]:
    """Scale an ``(H, W, 3)`` RGB picture down the way ``PictureScaler`` does."""
    frame = VideoFrame.from_ndarray(picture, format="rgb24")
    return PictureScaler(frame, None).picture(frame, longest_side_pixels)
