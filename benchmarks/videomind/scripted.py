"""The resident model as it is, but for what it writes: random weights never write anything useful.

Every role writes as many tokens as its script has, whatever would have ended the text; the model
computes each next token and waits for it as in a real run, and then takes the script's.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from benchmarks.videomind.ledger import Count, Ledger, Part
from reasoner.answer import Role
from reasoner.interfaces import FrameSource
from reasoner.videomind.backbone import Backbone
from reasoner.videomind.backend import LoadedVideoMind
from reasoner.videomind.model_input import Grid, ModelInput, VisionFeatures
from reasoner.videomind.reading import Generation, Reading
from reasoner.videomind.sampling import (
    ANSWERER_VIDEO,
    FRAMES_PER_STEP,
    GROUNDER_VIDEO,
    PLANNER_VIDEO,
    VERIFIER_VIDEO,
    VideoSettings,
)
from reasoner.videomind.tokens import read_tokenizer, single_token
from reasoner.videomind.video_model import MAX_NEW_TOKENS, VideoModel
from store.records import Video
from store.timespan import TimeSpan

NEW_TOKENS = {Role.PLANNER: 32, Role.GROUNDER: 32, Role.ANSWERER: 64}
REG_PLACE = 4
"""Where the grounder's text names the moment, about as in "It happens at"."""
ROLE_OF = {
    PLANNER_VIDEO: Role.PLANNER,
    GROUNDER_VIDEO: Role.GROUNDER,
    VERIFIER_VIDEO: Role.VERIFIER,
    ANSWERER_VIDEO: Role.ANSWERER,
}


class MeasuredBackbone:
    """A backbone whose vision tower and batches are timed; the rest is the backbone's own."""

    def __init__(self, backbone: Backbone, ledger: Ledger) -> None:
        self._backbone = backbone
        self._ledger = ledger
        self.role: str = ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backbone, name)

    def encode_video(
        self, pixels: torch.Tensor, grid: Grid, step_seconds: float = 1.0
    ) -> VisionFeatures:
        """Encode a clip for the role that looks."""
        with self._ledger.timing(self.role, Part.VISION):
            features = self._backbone.encode_video(pixels, grid, step_seconds)
        counts = self._ledger.counts
        counts[self.role, Count.CLIPS] += 1
        counts[self.role, Count.FRAMES] += grid[0] * FRAMES_PER_STEP
        counts[self.role, Count.VISION_TOKENS] += len(features.features)
        return features

    def last_logits(self, role: str, prompts: Sequence[ModelInput]) -> torch.Tensor:
        """Read several prompts at once."""
        read = sum(len(prompt.token_ids) for prompt in prompts)
        self._ledger.counts[role, Count.PROMPT_TOKENS] += read
        with self._ledger.timing(role, Part.PREFILL):
            return self._backbone.last_logits(role, prompts)


class ScriptedModel(VideoModel):
    """A loaded model with scripts for what its roles write.

    Args:
        loaded: Whose weights it shares.
        frames: Where pictures come from.
        ledger: Takes seconds and counts.
        kept_clips: Of how many clips the features are kept; 0 encodes each time anew.
    """

    def __init__(
        self, loaded: LoadedVideoMind, frames: FrameSource, ledger: Ledger, kept_clips: int
    ) -> None:
        tokenizer = read_tokenizer(loaded.checkpoint)
        backbone: Any = MeasuredBackbone(loaded.model.backbone, ledger)
        super().__init__(
            backbone,
            tokenizer,
            loaded.model.video_tokens,
            loaded.checkpoint.end_token_ids,
            frames,
            kept_clips,
        )
        self._measured: MeasuredBackbone = backbone
        self._ledger = ledger
        self._scripts = _scripts(tokenizer, loaded.tokens.reg)

    def see(self, video: Video, clip: TimeSpan, settings: VideoSettings) -> VisionFeatures:
        """Look at a clip for the role that has these settings."""
        self._measured.role = ROLE_OF[settings]
        with self._ledger.timing(self._measured.role, Part.FRAMES):
            return super().see(video, clip, settings)

    def write(
        self, role: str, prompt: ModelInput, max_new_tokens: int = MAX_NEW_TOKENS
    ) -> Generation:
        """Write a role's script."""
        script = self._scripts[role][:max_new_tokens]
        with self._ledger.timing(role, Part.PREFILL):
            reading = Reading(self.backbone, role, prompt)
            reading.logits.argmax().item()
        states = [reading.state]
        with self._ledger.timing(role, Part.GENERATION):
            for token_id in script[:-1]:
                reading.write(token_id)
                states.append(reading.state)
                reading.logits.argmax().item()
        self._ledger.counts[role, Count.PROMPT_TOKENS] += len(prompt.token_ids)
        self._ledger.counts[role, Count.NEW_TOKENS] += len(script)
        return Generation(script, torch.stack(states), reading.prompt_states, False)


def _scripts(tokenizer: Any, reg: int) -> Mapping[str, tuple[int, ...]]:
    stop = single_token(tokenizer, ".")
    scripts = {str(role): [stop] * length for role, length in NEW_TOKENS.items()}
    scripts[Role.GROUNDER][REG_PLACE] = reg
    return {role: tuple(script) for role, script in scripts.items()}
