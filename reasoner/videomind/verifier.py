"""The verifier: each candidate with as much again around it, marked, and one word about it.

Where it differs from VideoMind's (``eval/infer_auto.py``), on purpose:

- A single candidate is judged too. The reference needs no order of one; here the word also tells
  whether the moment was found at all.
- It is asked for the planner's description, as in the reference's demo and training data, not for
  the question as it was put: a candidate is to show the moment, not to answer. Limits in the words
  of a question ("in the first minute") are no part of it; the windows keep them.
- Like the reference's it is told nothing of what is said. The answerer is, always, where the
  reference makes that a choice.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import torch

from reasoner.answer import GroundedSpan, Plan, Role
from reasoner.videomind.grid import VideoGrid
from reasoner.videomind.model_input import ModelInput
from reasoner.videomind.prompts import verifier_prompt
from reasoner.videomind.sampling import VERIFIER_VIDEO
from reasoner.videomind.scores import MAX_CANDIDATES, yes_no_score, yes_probability
from reasoner.videomind.spans import clean_query
from reasoner.videomind.tokens import RoleTokens
from reasoner.videomind.video_model import VideoModel
from reasoner.videomind.zoom import segment_mark, vision_start_of, zoom_out
from store.errors import MediaError, ModelOutputError


class VideoMindVerifier:
    """Scores candidates by how much likelier "Yes" is than "No", several in one batch.

    Args:
        model: The resident model.
        tokens: Ids that mark a candidate, and those of the two words.
        batch_size: Candidates that are read at once.

    Source: VideoMind (arXiv 2503.13444), section 3.3.
    """

    def __init__(
        self, model: VideoModel, tokens: RoleTokens, batch_size: int = MAX_CANDIDATES
    ) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size is at least 1, got {batch_size}")
        self._model = model
        self._tokens = tokens
        self._batch_size = batch_size

    def verify(self, plan: Plan, spans: Sequence[GroundedSpan]) -> list[GroundedSpan]:
        """Return the spans with ``yes_probability`` and ``verifier_score`` set, best score first.

        One that cannot be read, or of which the model says what is no number, has NaN for the
        probability, which the chain leaves out and tells.
        """
        judged: list[GroundedSpan] = []
        for first in range(0, len(spans), self._batch_size):
            judged += self._judged(plan, spans[first : first + self._batch_size])
        return sorted(judged, key=_order)

    def _judged(self, plan: Plan, spans: Sequence[GroundedSpan]) -> list[GroundedSpan]:
        prompts: list[ModelInput | None] = [self._prompt(plan, span) for span in spans]
        readable = [prompt for prompt in prompts if prompt is not None]
        rows = iter(self._model.backbone.last_logits(Role.VERIFIER, readable) if readable else ())
        return [
            span.judged(math.nan) if prompt is None else self._weighed(span, next(rows))
            for span, prompt in zip(spans, prompts, strict=True)
        ]

    def _prompt(self, plan: Plan, span: GroundedSpan) -> ModelInput | None:
        """Show a candidate with the segment tokens round it; ``None`` where it cannot be read."""
        zoom = zoom_out(span.span.start_seconds, span.span.end_seconds, span.video.duration_seconds)
        try:
            features = self._model.see(span.video, zoom.clip, VERIFIER_VIDEO)
        except MediaError:
            return None
        prompt = self._model.prompt(verifier_prompt(clean_query(plan.grounding_query)), features)
        place = vision_start_of(prompt.token_ids, self._model.video_tokens.vision_start)
        mark = segment_mark(zoom, VideoGrid(*features.grid), place)
        marked = mark.inserted(prompt.token_ids, self._tokens.seg_start, self._tokens.seg_end)
        return ModelInput(tuple(marked), features)

    def _weighed(self, span: GroundedSpan, logits: torch.Tensor) -> GroundedSpan:
        words = (self._tokens.yes, self._tokens.no)
        try:
            return replace(
                span.judged(yes_probability(logits, *words)),
                verifier_score=yes_no_score(logits, *words),
                is_seen=True,
            )
        except ModelOutputError:
            return span.judged(math.nan)


def _order(span: GroundedSpan) -> float:
    return math.inf if span.verifier_score is None else -span.verifier_score
