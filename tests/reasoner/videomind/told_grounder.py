"""A grounder whose model names a moment in every window and whose decoder is told what to say."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import torch

from reasoner.answer import GroundedSpan, Window
from reasoner.videomind.decoder import Proposals, TimestampDecoder
from reasoner.videomind.grounder import VideoMindGrounder
from reasoner.videomind.model_input import ModelInput, VisionFeatures
from reasoner.videomind.reading import Generation
from reasoner.videomind.sampling import VideoSettings
from store.records import Video
from store.timespan import TimeSpan
from tests.reasoner.timeline import plan_for

START, PAD, REG = 1, 2, 3
HIDDEN = 4


class FixedDecoder(TimestampDecoder):
    """Proposes what it was given, one table for each window."""

    def __init__(self, tables: Sequence[Proposals]) -> None:
        torch.nn.Module.__init__(self)  # none of the layers
        self.place = torch.nn.Parameter(torch.zeros(0))
        self.tables = iter(tables)

    def propose(self, *_: torch.Tensor) -> Proposals:
        return next(self.tables)


class NamingModel:
    """Names a moment in every window."""

    video_tokens = SimpleNamespace(vision_start=START)

    def see(self, video: Video, clip: TimeSpan, settings: VideoSettings) -> VisionFeatures:
        del video, clip, settings
        return VisionFeatures(torch.zeros(1, HIDDEN), (1, 2, 2))

    def prompt(self, text: str, features: VisionFeatures) -> ModelInput:
        del text
        return ModelInput((START, PAD), features)

    def write(self, role: str, prompt: ModelInput) -> Generation:
        del role, prompt
        return Generation((9, REG), torch.zeros(2, HIDDEN), torch.zeros(2, HIDDEN), False)


def grounded(windows: Sequence[Window], tables: Sequence[Proposals]) -> list[GroundedSpan]:
    """What the grounder finds where the decoder proposes one table for each window."""
    model: Any = NamingModel()
    grounder = VideoMindGrounder(model, FixedDecoder(tables).eval(), REG)
    return grounder.ground(plan_for("a bell rings"), windows)
