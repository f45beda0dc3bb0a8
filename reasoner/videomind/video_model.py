"""The resident model with its tokenizer and its eyes: clips in, prompts and texts out."""

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from reasoner.interfaces import FrameSource
from reasoner.videomind.backbone import Backbone
from reasoner.videomind.model_input import ModelInput, VisionFeatures
from reasoner.videomind.patches import patchify
from reasoner.videomind.pixels import VideoPixels, read_pixels
from reasoner.videomind.prompts import chat
from reasoner.videomind.reading import Generation, generate
from reasoner.videomind.resizing import resize_frames
from reasoner.videomind.sampling import VideoSettings, sampled_instants, seconds_per_step
from reasoner.videomind.tokens import VideoTokens
from store.records import Video
from store.timespan import TimeSpan

MAX_NEW_TOKENS = 256
KEPT_CLIPS = 8

_Key = tuple[str, tuple[float, ...], float, int, int]


class VideoModel:
    """One backbone and all that its roles share.

    A clip is encoded once for every role that sees the same frames of it equally sharply; the
    features of the latest clips are kept.

    Args:
        backbone: The base model and its adapters.
        tokenizer: A ``tokenizers.Tokenizer``.
        video_tokens: Ids around and for pictures.
        end_token_ids: What ends a text.
        frames: Where pictures come from.
        kept_clips: Of how many clips the features are kept.

    Attributes:
        encoded_clips: Clips that went through the vision tower so far.
    """

    def __init__(
        self,
        backbone: Backbone,
        tokenizer: Any,
        video_tokens: VideoTokens,
        end_token_ids: Sequence[int],
        frames: FrameSource,
        kept_clips: int = KEPT_CLIPS,
    ) -> None:
        self.backbone = backbone
        self.video_tokens = video_tokens
        self.encoded_clips = 0
        self._tokenizer = tokenizer
        self._end_token_ids = frozenset(end_token_ids)
        self._frames = frames
        self._kept_clips = kept_clips
        self._features: OrderedDict[_Key, VisionFeatures] = OrderedDict()

    def see(self, video: Video, clip: TimeSpan, settings: VideoSettings) -> VisionFeatures:
        """Look at a clip of a video.

        Args:
            video: Its file is read.
            clip: In seconds of the video.
            settings: How densely and how sharply.

        Raises:
            MediaError: The file cannot be read.
        """
        rate = None if video.frame_rate is None else float(video.frame_rate)
        instants = sampled_instants(
            clip, settings, video_seconds=video.duration_seconds, frame_rate=rate
        )
        step_seconds = seconds_per_step(clip, len(instants))
        key = (
            video.video_id,
            instants,
            step_seconds,
            settings.min_tokens,
            settings.max_tokens,
        )
        features = self._features.pop(key, None)
        if features is None:
            features = self._encoded(
                read_pixels(self._frames, Path(video.path), instants, settings, step_seconds)
            )
        self._features[key] = features
        while len(self._features) > self._kept_clips:
            self._features.popitem(last=False)
        return features

    def look(self, pictures: NDArray[np.uint8], settings: VideoSettings) -> VisionFeatures:
        """Look at pictures that are at hand; nothing is kept.

        Args:
            pictures: ``(N, H, W, 3)`` RGB in the order of time, at least one.
            settings: How sharply.

        Raises:
            MediaError: The pictures are too long.
        """
        return self._encoded(VideoPixels(*patchify(resize_frames(pictures, settings))))

    def _encoded(self, pixels: VideoPixels) -> VisionFeatures:
        self.encoded_clips += 1
        patches = torch.from_numpy(pixels.patches)
        return self.backbone.encode_video(patches, pixels.grid.thw, pixels.step_seconds)

    def prompt(
        self, text: str, features: VisionFeatures | None = None, reply: str = ""
    ) -> ModelInput:
        """Put one turn of the user into tokens.

        Args:
            text: Words only.
            features: The clip that stands before them.
            reply: How the assistant's turn begins.
        """
        video_tokens = 0 if features is None else len(features.features)
        written = chat(text, video_tokens=video_tokens, reply=reply)
        ids = self._tokenizer.encode(written, add_special_tokens=False).ids
        return ModelInput(tuple(ids), features)

    def stepwise_prompt(self, written: str, features: VisionFeatures) -> ModelInput:
        """Put a chat into tokens in which each time step of a clip stands apart.

        Args:
            written: By ``interleaving.interleaved_chat``, with as many steps as the clip has.
            features: The clip.
        """
        ids = self._tokenizer.encode(written, add_special_tokens=False).ids
        return ModelInput(tuple(ids), features, is_stepwise=True)

    def write(
        self, role: str, prompt: ModelInput, max_new_tokens: int = MAX_NEW_TOKENS
    ) -> Generation:
        """Let a role write greedily."""
        return generate(self.backbone, role, prompt, max_new_tokens, self._end_token_ids)

    def text_of(self, generation: Generation) -> str:
        """Return what was written, without special tokens."""
        text: str = self._tokenizer.decode(list(generation.token_ids), skip_special_tokens=True)
        return text.strip()
