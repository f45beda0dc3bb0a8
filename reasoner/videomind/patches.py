"""Resized frames cut into the rows that Qwen2-VL's vision tower reads."""

import numpy as np
from numpy.typing import NDArray

from reasoner.videomind.grid import MERGE, PATCH_PIXELS, VideoGrid
from reasoner.videomind.sampling import FRAMES_PER_STEP

CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
"""Of red, green and blue in ``[0, 1]``, as CLIP was trained with (Radford et al. 2021)."""
MAX_LEVEL = 255
CHANNELS = 3
PATCH_VALUES = CHANNELS * FRAMES_PER_STEP * PATCH_PIXELS**2


def patchify(frames: NDArray[np.uint8]) -> tuple[NDArray[np.float32], VideoGrid]:
    """Normalise frames and cut them into patches.

    Args:
        frames: ``(N, H, W, 3)`` RGB, at least one, sides multiples of 28. After an odd number the
            last frame is repeated.

    Returns:
        ``(P, 1176)`` patches and their grid. Patches follow time, then the blocks of 2 x 2 that
        are merged, then their place in the block; the values of one follow channel, time, row,
        column.

    Raises:
        ValueError: No frame, or a side that is no multiple of 28.

    Source:
        ``pixel_values_videos`` and ``video_grid_thw`` of transformers' Qwen2-VL.
    """
    num_frames, height, width, _ = frames.shape
    grid = VideoGrid.of(num_frames, height, width)
    if num_frames % FRAMES_PER_STEP:
        frames = np.concatenate([frames, frames[-1:]])
    blocks = frames.reshape(
        grid.steps,
        FRAMES_PER_STEP,
        grid.rows // MERGE,
        MERGE,
        PATCH_PIXELS,
        grid.columns // MERGE,
        MERGE,
        PATCH_PIXELS,
        CHANNELS,
    )
    in_order = blocks.transpose(0, 2, 5, 3, 6, 8, 1, 4, 7)
    return normalised(in_order.reshape(grid.num_patches, CHANNELS, -1)), grid


def normalised(levels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Map levels to the range the vision tower was trained on.

    Args:
        levels: ``(P, 3, V)``, the values of each channel together.

    Returns:
        ``(P, 3 V)``.
    """
    values = np.empty(levels.shape, dtype=np.float32)
    for channel, (mean, std) in enumerate(zip(CLIP_MEAN, CLIP_STD, strict=True)):
        of_channel = values[:, channel]
        np.multiply(levels[:, channel], np.float32(1 / (MAX_LEVEL * std)), out=of_channel)
        of_channel -= np.float32(mean / std)
    return values.reshape(len(levels), -1)
