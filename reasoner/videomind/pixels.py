"""A window of a video as the vision tower reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reasoner.interfaces import FrameSource
from reasoner.videomind.grid import VideoGrid
from reasoner.videomind.patches import patchify
from reasoner.videomind.resizing import resize_frames
from reasoner.videomind.sampling import VideoSettings

FRAMES_PER_READ = 32
"""Frames held at full size: 200 MB of a high-definition film."""


@dataclass(frozen=True, slots=True)
class VideoPixels:
    """What the vision tower is given.

    Attributes:
        patches: ``(P, 1176)`` float32, Qwen2-VL's ``pixel_values_videos``.
        grid: How the patches lie.
        step_seconds: Of the video, for each time step.
    """

    patches: NDArray[np.float32]
    grid: VideoGrid
    step_seconds: float = 1.0


def read_pixels(
    source: FrameSource,
    path: Path,
    instants_seconds: Sequence[float],
    settings: VideoSettings,
    step_seconds: float = 1.0,
) -> VideoPixels:
    """Read frames, scale them, cut them into patches.

    Args:
        source: Where pictures come from.
        path: The video.
        instants_seconds: At least one, such as ``sampled_instants`` chooses.
        settings: How sharp.
        step_seconds: As ``seconds_per_step`` tells it of the instants.

    Raises:
        MediaError: The video cannot be read, or its picture is too long.
        ValueError: No instant.
    """
    if not instants_seconds:
        raise ValueError("at least one instant is needed")
    resized = [
        resize_frames(
            source.frames_at(path, instants_seconds[first : first + FRAMES_PER_READ]), settings
        )
        for first in range(0, len(instants_seconds), FRAMES_PER_READ)
    ]
    return VideoPixels(*patchify(np.concatenate(resized)), step_seconds)
