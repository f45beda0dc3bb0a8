"""What a role is given to read: token ids, and the features of the video that some stand for."""

from dataclasses import dataclass

import torch

Grid = tuple[int, int, int]
"""Patches of a video along time, height and width: ``(T, H, W)``, before 2 x 2 are merged."""


@dataclass(frozen=True, slots=True)
class VisionFeatures:
    """A video as the language model takes it in; the same for all roles.

    Attributes:
        features: ``(T * H/2 * W/2, D)``, time first, then rows.
        grid: Of the video.
        step_seconds: Of the video, for each time step; Qwen2-VL takes no account of it.
    """

    features: torch.Tensor
    grid: Grid
    step_seconds: float = 1.0

    @property
    def tokens_per_step(self) -> int:
        """Tokens of one time step."""
        return len(self.features) // self.grid[0]


@dataclass(frozen=True, slots=True)
class ModelInput:
    """One text as token ids, with at most one video, whole or with words between its time steps.

    Attributes:
        token_ids: Not empty; one ``<|video_pad|>`` for each row of the features.
        video: ``None`` for text alone.
        is_stepwise: Whether each time step of the video stands apart.
    """

    token_ids: tuple[int, ...]
    video: VisionFeatures | None = None
    is_stepwise: bool = False

    def __post_init__(self) -> None:
        if not self.token_ids:
            raise ValueError("a model input has at least one token")

    @property
    def grids(self) -> tuple[Grid, ...]:
        """One for each piece of video that stands apart, in order."""
        if self.video is None:
            return ()
        steps, rows, columns = self.video.grid
        return ((1, rows, columns),) * steps if self.is_stepwise else (self.video.grid,)
