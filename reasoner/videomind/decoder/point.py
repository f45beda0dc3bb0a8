"""The instants at which the heads speak, and what a distance from one of them means.

Level ``l`` looks at every ``STRIDES[l]``-th frame and answers for moments of its own range of
lengths. The table is computed where it is needed rather than kept in the module, so no cast of
the module can round it.

Source:
    Zhang et al., "ActionFormer: Localizing Moments of Actions with Transformers", ECCV 2022.
    Points stand on the first frame of their stride, not on its middle, as in VideoMind.
"""

import math
from itertools import pairwise

import torch
from torch import Tensor

STRIDES = (1, 2, 4, 8)
_RANGE_BOUNDS_FRAMES = (0.0, 2.0, 4.0, 8.0, math.inf)


def level_lengths(num_frames: int) -> list[int]:
    """Return how many points each level has; levels whose stride is longer than the video fall out.

    Raises:
        ValueError: The video has no frame.

    Example:
        >>> level_lengths(75), level_lengths(3)
        ([75, 37, 18, 9], [3, 1])
    """
    if num_frames < 1:
        raise ValueError(f"a video has at least one frame, got {num_frames}")
    return [num_frames // stride for stride in STRIDES if num_frames >= stride]


def point_table(num_frames: int, device: torch.device | None = None) -> Tensor:
    """List the points of a video.

    Args:
        num_frames: ``T``.
        device: Where to write it.

    Returns:
        ``(N, 4)`` float32, level after level: the frame, the shortest and longest distance in
        frames to the far end of a moment that the level answers for, and the stride.
    """
    rows = [
        (float(index * stride), lowest, highest, float(stride))
        for length, stride, (lowest, highest) in zip(
            level_lengths(num_frames), STRIDES, pairwise(_RANGE_BOUNDS_FRAMES), strict=False
        )
        for index in range(length)
    ]
    return torch.tensor(rows, dtype=torch.float32, device=device)


def boundaries_at(points: Tensor, distances: Tensor, num_frames: int) -> Tensor:
    """Turn distances into boundaries.

    Args:
        points: ``(N, 4)``, as ``point_table`` lists them.
        distances: ``(..., N, 2)`` back to the start and on to the end, in strides of the point.
        num_frames: ``T``.

    Returns:
        ``(..., N, 2)`` start and end as fractions of the video; outside ``[0, 1]`` where a
        distance reaches over an end of the video.
    """
    reach = distances * points[:, 3:]
    start = points[:, 0] - reach[..., 0]
    end = points[:, 0] + reach[..., 1]
    return torch.stack((start, end), dim=-1) / num_frames
