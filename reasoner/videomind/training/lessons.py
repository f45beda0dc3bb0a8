"""One example as a role sees it: token ids, what of them is learned, and the pixels.

Prompts, clips and marks are those of the roles at work; what is taught is what they will be asked.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reasoner.answer import Role
from reasoner.choice import option_letter
from reasoner.interfaces import FrameSource
from reasoner.videomind.labels import GroundingLabels, assistant_labels, grounding_labels
from reasoner.videomind.pixels import VideoPixels, read_pixels
from reasoner.videomind.planning import write_reply
from reasoner.videomind.prompts import (
    ASSISTANT_HEADER,
    END_OF_TURN,
    GROUNDER_REPLY,
    NO_REPLY,
    OPTION_PREFILL,
    YES_REPLY,
    answerer_prompt,
    grounder_prompt,
    lesson,
    plain,
    planner_prompt,
    verifier_prompt,
)
from reasoner.videomind.sampling import (
    ANSWERER_VIDEO,
    GROUNDER_VIDEO,
    PLANNER_VIDEO,
    VERIFIER_VIDEO,
    VideoSettings,
    sampled_instants,
    seconds_per_step,
)
from reasoner.videomind.spans import answer_span
from reasoner.videomind.tokens import RoleTokens, VideoTokens, single_token
from reasoner.videomind.training.data import (
    AnsweringExample,
    Example,
    Footage,
    GroundingExample,
    PlanningExample,
    VerifyingExample,
)
from reasoner.videomind.zoom import Zoom, segment_mark, vision_start_of, zoom_out
from store.timespan import TimeSpan

FrameRate = Callable[[Path], float | None]
"""Frames per second of a video, as the library would record them; ``None`` where unknown."""


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What a model is given and what it is to say.

    Attributes:
        role: That learns.
        token_ids: The whole exchange.
        labels: ``(L,)``; ``IGNORED`` but for what the assistant says.
        pixels: ``None`` for text alone.
        grounding: For the timestamp decoder, of a grounder's lesson.
        regression_index: There, the index of the token whose place the decoder is asked from.
    """

    role: Role
    token_ids: tuple[int, ...]
    labels: NDArray[np.int64]
    pixels: VideoPixels | None = None
    grounding: GroundingLabels | None = None
    regression_index: int | None = None


class LessonWriter:
    """Turns examples into lessons.

    Args:
        tokenizer: A ``tokenizers.Tokenizer`` that has VideoMind's tokens.
        video_tokens: Ids around and for pictures.
        role_tokens: Ids round a candidate.
        frames: Where pictures come from.
        frame_rate: Of a video; roles at work take their frames by it.
    """

    def __init__(
        self,
        tokenizer: Any,
        video_tokens: VideoTokens,
        role_tokens: RoleTokens,
        frames: FrameSource,
        frame_rate: FrameRate,
    ) -> None:
        self._tokenizer = tokenizer
        self._video_tokens = video_tokens
        self._role_tokens = role_tokens
        self._frames = frames
        self._frame_rate = frame_rate
        self._header = tuple(self._encode(ASSISTANT_HEADER))
        self._end = single_token(tokenizer, END_OF_TURN)

    def write(self, example: Example) -> Lesson:
        """Read the pictures and put the words into tokens.

        Raises:
            MediaError: The video cannot be read.
        """
        match example:
            case PlanningExample():
                return self._planning(example)
            case GroundingExample():
                return self._grounding(example)
            case VerifyingExample():
                return self._verifying(example)
            case AnsweringExample():
                return self._answering(example)

    def _planning(self, example: PlanningExample) -> Lesson:
        pixels = None
        if example.footage is not None:
            pixels = self._see(example.footage, _whole(example.footage), PLANNER_VIDEO)
        reply = plain(write_reply(example.roles, example.value))
        return self._lesson(Role.PLANNER, planner_prompt(example.question), reply, pixels)

    def _grounding(self, example: GroundingExample) -> Lesson:
        footage = example.footage
        pixels = self._see(footage, _whole(footage), GROUNDER_VIDEO)
        spans = [(moment.start_seconds, moment.end_seconds) for moment in example.moments]
        labels = grounding_labels(spans, footage.duration_seconds, pixels.grid.steps)
        prompt = grounder_prompt(example.query)
        taught = self._lesson(Role.GROUNDER, prompt, GROUNDER_REPLY, pixels)
        return replace(
            taught,
            grounding=labels,
            regression_index=taught.token_ids.index(self._role_tokens.reg),
        )

    def _verifying(self, example: VerifyingExample) -> Lesson:
        zoom = zoom_out(
            example.candidate.start_seconds,
            example.candidate.end_seconds,
            example.footage.duration_seconds,
        )
        pixels = self._see(example.footage, zoom.clip, VERIFIER_VIDEO)
        reply = YES_REPLY if example.is_right else NO_REPLY
        text = lesson(verifier_prompt(example.query), reply, video_tokens=pixels.grid.num_tokens)
        ids = self._marked(self._encode(text), zoom, pixels)
        return Lesson(Role.VERIFIER, tuple(ids), self._labels(ids), pixels)

    def _answering(self, example: AnsweringExample) -> Lesson:
        footage, span, clip = example.footage, example.span, _whole(example.footage)
        if span is not None:
            clip = answer_span(span.start_seconds, span.end_seconds, footage.duration_seconds)
        pixels = self._see(footage, clip, ANSWERER_VIDEO)
        reply = plain(example.answer)
        if example.options:
            letter = option_letter(example.options.index(example.answer))
            reply = f"{OPTION_PREFILL}{letter})"
        prompt = answerer_prompt(example.question, example.options)
        return self._lesson(Role.ANSWERER, prompt, reply, pixels)

    def _see(self, footage: Footage, clip: TimeSpan, settings: VideoSettings) -> VideoPixels:
        instants = sampled_instants(
            clip,
            settings,
            video_seconds=footage.duration_seconds,
            frame_rate=self._frame_rate(footage.path),
        )
        step_seconds = seconds_per_step(clip, len(instants))
        return read_pixels(self._frames, footage.path, instants, settings, step_seconds)

    def _lesson(
        self,
        role: Role,
        prompt: str,
        reply: str,
        pixels: VideoPixels | None,
    ) -> Lesson:
        video_tokens = 0 if pixels is None else pixels.grid.num_tokens
        ids = self._encode(lesson(prompt, reply, video_tokens=video_tokens))
        return Lesson(role, tuple(ids), self._labels(ids), pixels)

    def _marked(self, ids: list[int], zoom: Zoom, pixels: VideoPixels) -> list[int]:
        place = vision_start_of(ids, self._video_tokens.vision_start)
        mark = segment_mark(zoom, pixels.grid, place)
        return mark.inserted(ids, self._role_tokens.seg_start, self._role_tokens.seg_end)

    def _labels(self, ids: list[int]) -> NDArray[np.int64]:
        return assistant_labels(ids, self._header, self._end)

    def _encode(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids


def _whole(footage: Footage) -> TimeSpan:
    return TimeSpan(0.0, footage.duration_seconds)
