"""Frames scaled to the size at which a role sees them.

Apart because it is the one part of the geometry that needs torch: its bicubic filter gives the
reference's pixels to the last bit, where Pillow, which rounds between its two passes, is off by
up to 19 levels on a fifth of them.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import interpolate

from reasoner.videomind.grid import smart_resize
from reasoner.videomind.sampling import VideoSettings


def resize_frames(frames: NDArray[np.uint8], settings: VideoSettings) -> NDArray[np.uint8]:
    """Scale frames so that each side is whole tokens and the area is within the bounds.

    Args:
        frames: ``(N, H, W, 3)`` RGB.
        settings: How sharp.

    Returns:
        ``(N, H', W', 3)``; ``frames`` themselves where they have that size.

    Raises:
        PictureShapeError: One side is more than 200 times the other.

    Source:
        torchvision's bicubic resize with antialiasing, as VideoMind calls it: single precision,
        clamped, rounded.
    """
    num_frames, height, width, channels = frames.shape
    size = smart_resize(height, width, settings.min_pixels, settings.max_pixels)
    if size == (height, width):
        return frames
    resized = np.empty((num_frames, *size, channels), dtype=np.uint8)
    for number, frame in enumerate(frames):  # one by one: single precision is four times as large
        planes = torch.from_numpy(np.ascontiguousarray(frame.transpose(2, 0, 1)))[None]
        scaled = interpolate(planes.float(), size=size, mode="bicubic", antialias=True)[0]
        resized[number] = scaled.clamp(0, 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
    return resized
