"""The size at which a frame is seen, and how many tokens a video then is.

Apart from the resizing because plans need sizes and counts before there are pixels.
"""

import math
from dataclasses import dataclass

from reasoner.videomind.sampling import FRAMES_PER_STEP, VideoSettings
from store.errors import PictureShapeError

PATCH_PIXELS = 14
"""Side of the square that the vision tower reads as one patch."""
MERGE = 2
"""Patches on each side that are merged into one token of the language model."""
TOKEN_PIXELS = PATCH_PIXELS * MERGE
MAX_ASPECT = 200


def smart_resize(height: int, width: int, min_pixels: int, max_pixels: int) -> tuple[int, int]:
    """Choose the size of a frame: whole tokens, the area between bounds, the shape about kept.

    Args:
        height: In pixels.
        width: In pixels.
        min_pixels: The least area.
        max_pixels: The largest area; wins over ``min_pixels``.

    Returns:
        Height and width, multiples of 28.

    Raises:
        PictureShapeError: One side is more than 200 times the other.

    Source:
        Qwen2-VL as VideoMind changed it: enlarging and shrinking are two steps, where
        transformers does at most one. The reference shrinks very long pictures to nothing; here a
        side stays one token wide.
    """
    if max(height, width) > MAX_ASPECT * min(height, width):
        raise PictureShapeError(
            f"a picture of {width}x{height} pixels is too long for the model, which takes sides "
            f"up to {MAX_ASPECT} to 1; crop the video"
        )
    rows, columns = (max(1, round(side / TOKEN_PIXELS)) for side in (height, width))
    if rows * columns * TOKEN_PIXELS**2 < min_pixels:
        scale = math.sqrt(min_pixels / (height * width))
        rows, columns = (math.ceil(side * scale / TOKEN_PIXELS) for side in (height, width))
    if rows * columns * TOKEN_PIXELS**2 > max_pixels:
        scale = math.sqrt(height * width / max_pixels)
        rows, columns = (
            max(1, math.floor(side / scale / TOKEN_PIXELS)) for side in (height, width)
        )
    return rows * TOKEN_PIXELS, columns * TOKEN_PIXELS


@dataclass(frozen=True, slots=True)
class VideoGrid:
    """The patches of one video: time steps, rows and columns of the vision tower's grid.

    Raises:
        ValueError: A side that is not positive, or rows or columns that do not merge.
    """

    steps: int
    rows: int
    columns: int

    def __post_init__(self) -> None:
        if min(self.steps, self.rows, self.columns) < 1:
            raise ValueError(f"a grid has at least one patch, got {self}")
        if self.rows % MERGE or self.columns % MERGE:
            raise ValueError(f"rows and columns are multiples of {MERGE}, got {self}")

    @classmethod
    def of(cls, num_frames: int, height: int, width: int) -> "VideoGrid":
        """Return the grid of resized frames; an odd count is padded to an even one.

        Args:
            num_frames: At least 1.
            height: In pixels, a multiple of 28.
            width: In pixels, a multiple of 28.

        Raises:
            ValueError: No frame, or a side that is no multiple of 28.
        """
        if height % TOKEN_PIXELS or width % TOKEN_PIXELS:
            raise ValueError(f"sides are multiples of {TOKEN_PIXELS}, got {width}x{height}")
        steps = -(-num_frames // FRAMES_PER_STEP)
        return cls(steps, height // PATCH_PIXELS, width // PATCH_PIXELS)

    @property
    def thw(self) -> tuple[int, int, int]:
        """The row that Qwen2-VL calls ``grid_thw``."""
        return self.steps, self.rows, self.columns

    @property
    def num_patches(self) -> int:
        """Rows of ``pixel_values_videos``."""
        return self.steps * self.rows * self.columns

    @property
    def tokens_per_step(self) -> int:
        """Tokens of the language model for each time step."""
        return self.rows * self.columns // MERGE**2

    @property
    def num_tokens(self) -> int:
        """Tokens of the language model."""
        return self.steps * self.tokens_per_step


def planned_grid(num_frames: int, height: int, width: int, settings: VideoSettings) -> VideoGrid:
    """Foretell the grid of frames that were not read yet.

    Args:
        num_frames: At least 1.
        height: Of the frames as they are in the video, in pixels.
        width: Likewise.
        settings: How sharp.

    Raises:
        PictureShapeError: One side is more than 200 times the other.
    """
    size = smart_resize(height, width, settings.min_pixels, settings.max_pixels)
    return VideoGrid.of(num_frames, *size)
