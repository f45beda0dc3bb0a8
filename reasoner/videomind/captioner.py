"""The captioner: the base model without adapter tells in a sentence or two what a clip shows."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from reasoner.videomind.caption_reply import read_caption
from reasoner.videomind.interleaving import (
    TimedLine,
    clip_instants,
    interleaved_chat,
    shown_steps,
)
from reasoner.videomind.prompts import captioner_prompt
from reasoner.videomind.role_switch import CAPTIONER
from reasoner.videomind.sampling import CAPTIONER_VIDEO, VideoSettings
from reasoner.videomind.video_model import VideoModel
from store.timespan import TimeSpan

MAX_CAPTION_TOKENS = 96


class VideoMindCaptioner:
    """Writes captions from pixels and what is said; greedy, so equal clips have equal captions.

    Has the shape of the indexer's ``Captioner``.

    Args:
        model: The base model, alone or under adapters, which are off while it writes.
        model_id: As ``captioner_id.captioner_id`` makes it.
        settings: How densely and how sharply a clip is seen.

    Source:
        MiniGPT4-Video (arXiv 2404.03413) for pictures and subtitles in turn; what differs is said
        in ``interleaving``.
    """

    def __init__(
        self, model: VideoModel, model_id: str, settings: VideoSettings = CAPTIONER_VIDEO
    ) -> None:
        self.model_id = model_id
        self._model = model
        self._settings = settings

    def instants(self, clip: TimeSpan) -> tuple[float, ...]:
        """Choose when it wants to see a clip, in ascending seconds of the video."""
        return clip_instants(clip, self._settings)

    def caption(
        self, clip: TimeSpan, pictures: NDArray[np.uint8], lines: Sequence[TimedLine]
    ) -> str | None:
        """Describe a clip.

        Args:
            clip: In seconds of the video.
            pictures: ``(N, H, W, 3)`` RGB, those of ``instants``.
            lines: What is said, in time order and seconds of the video.

        Returns:
            ``None`` where it cannot tell or has lost its way.

        Raises:
            MediaError: The pictures are too long.
        """
        features = self._model.look(pictures, self._settings)
        steps = shown_steps(clip, features.grid[0], lines)
        written = interleaved_chat(steps, features.tokens_per_step, captioner_prompt())
        prompt = self._model.stepwise_prompt(written, features)
        generation = self._model.write(CAPTIONER, prompt, MAX_CAPTION_TOKENS)
        return read_caption(self._model.text_of(generation), generation.is_ended)
