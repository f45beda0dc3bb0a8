"""The grounder: looks at every window, and its decoder names the seconds."""

import math
from collections.abc import Iterator, Sequence
from itertools import islice

import torch

from reasoner.answer import GroundedSpan, Plan, Role, Window
from reasoner.videomind.decoder import RankedSpans, TimestampDecoder, pool_frames, rank
from reasoner.videomind.decoder.nms import SUPPRESSING_IOU
from reasoner.videomind.model_input import ModelInput
from reasoner.videomind.prompts import grounder_prompt
from reasoner.videomind.reading import Generation
from reasoner.videomind.sampling import GROUNDER_VIDEO
from reasoner.videomind.scores import MAX_CANDIDATES
from reasoner.videomind.spans import clean_query, fallback_spans, parse_span, scaled_spans
from reasoner.videomind.video_model import VideoModel
from reasoner.videomind.zoom import vision_start_of
from store.devices import device_memory
from store.errors import MediaError, ModelOutputError
from store.records import Evidence
from store.timespan import TimeSpan


class VideoMindGrounder:
    """Proposes spans in windows that were retrieved, so that a long film is looked at densely.

    A window that cannot be read, or of which the model says what is no number, is given back
    without a confidence, which nothing ranks, and with the reason.

    Args:
        model: The resident model.
        decoder: On any device, in evaluation mode.
        reg_token: Id of the token that stands in its text for the moment.

    Source: VideoMind (arXiv 2503.13444), whose windows are whole videos.
    """

    def __init__(self, model: VideoModel, decoder: TimestampDecoder, reg_token: int) -> None:
        self._model = model
        self._decoder = decoder
        self._reg_token = reg_token

    def ground(self, plan: Plan, windows: Sequence[Window]) -> list[GroundedSpan]:
        """Propose spans of all windows, best first, none of them much like a better one."""
        spans: list[GroundedSpan] = []
        for window in windows:
            spans += self._in_window(plan, window)
        return list(_apart(sorted(spans, key=_order)))

    def _in_window(self, plan: Plan, window: Window) -> list[GroundedSpan]:
        try:
            ranked = self._ranked(plan, window)
            if ranked is None:
                return _evenly(window)
            seconds = scaled_spans(ranked.boundaries, window.span.duration_seconds)
        except (MediaError, ModelOutputError) as error:
            return [_span(window, window.span, math.nan, str(error))]
        spans = [
            _span(window, _placed(window, float(start), float(end)), float(score))
            for (start, end), score in zip(seconds, ranked.scores, strict=True)
        ]
        return list(islice(_apart(spans), MAX_CANDIDATES))

    @device_memory()
    def _ranked(self, plan: Plan, window: Window) -> RankedSpans | None:
        """Ask the model; ``None`` where it names no moment."""
        features = self._model.see(window.video, window.span, GROUNDER_VIDEO)
        prompt = self._model.prompt(grounder_prompt(clean_query(plan.grounding_query)), features)
        written = self._model.write(Role.GROUNDER, prompt)
        named = written.states_before(self._reg_token)
        if not len(named):
            return None
        device = next(self._decoder.parameters()).device
        frames = self._frame_states(prompt, written, features.tokens_per_step)
        return rank(
            self._decoder.propose(frames.to(device), named[0].float().to(device))
        ).standing()

    def _frame_states(self, prompt: ModelInput, written: Generation, window: int) -> torch.Tensor:
        first = vision_start_of(prompt.token_ids, self._model.video_tokens.vision_start) + 1
        num_tokens = 0 if prompt.video is None else len(prompt.video.features)
        return pool_frames(written.prompt_states[first : first + num_tokens], window)


def _evenly(window: Window) -> list[GroundedSpan]:
    made_up = fallback_spans(window.span.duration_seconds, is_verified=True)
    return [
        _span(
            window,
            _placed(window, span.start_seconds, span.end_seconds),
            0.0,
            made_up.fallback.reason,
        )
        for span in made_up.spans
    ]


def _placed(window: Window, start_seconds: float, end_seconds: float) -> TimeSpan:
    """Move a span of the window's clock to the video's."""
    inside = parse_span(start_seconds, end_seconds, window.span.duration_seconds)
    offset = window.span.start_seconds
    return TimeSpan(
        offset + inside.start_seconds,
        min(offset + inside.end_seconds, window.span.end_seconds),
    )


def _span(window: Window, span: TimeSpan, confidence: float, fallback: str = "") -> GroundedSpan:
    return GroundedSpan(
        window.video,
        span,
        confidence,
        _within(window.evidence, span),
        fallback=fallback,
        is_seen=not fallback,
    )


def _within(evidence: Sequence[Evidence], span: TimeSpan) -> tuple[Evidence, ...]:
    return tuple(piece for piece in evidence if piece.span.overlaps(span))


def _order(span: GroundedSpan) -> float:
    return -span.confidence if math.isfinite(span.confidence) else math.inf


def _apart(best_first: Sequence[GroundedSpan]) -> Iterator[GroundedSpan]:
    """Leave out what is much like a better span of the same video.

    Such come from overlapping windows, and from one where spans that reach far beyond its ends by
    different lengths are cut off there; the reference keeps the latter.
    """
    kept: list[GroundedSpan] = []
    for span in best_first:
        rivals = (other for other in kept if other.video.video_id == span.video.video_id)
        if span.fallback or all(other.span.iou(span.span) < SUPPRESSING_IOU for other in rivals):
            kept.append(span)
            yield span
