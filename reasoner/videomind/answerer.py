"""The answerer: the base model without adapter looks at the best span and writes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reasoner.answer import DraftAnswer, Fallback, GroundedSpan, Plan, Role
from reasoner.choice import Choice
from reasoner.interfaces import EvidenceSource
from reasoner.videomind.abstention import abstains
from reasoner.videomind.choices import read_option
from reasoner.videomind.model_input import VisionFeatures
from reasoner.videomind.prompts import (
    OPTION_PREFILL,
    answerer_prompt,
    subtitle_lines,
    subtitles_inside,
)
from reasoner.videomind.sampling import ANSWERER_VIDEO, VideoSettings
from reasoner.videomind.spans import answer_span
from reasoner.videomind.video_model import VideoModel
from store.errors import MediaError
from store.records import SPOKEN_KINDS, Evidence
from store.timespan import TimeSpan

OPTION_TOKENS = 8


class VideoMindAnswerer:
    """Answers from the pixels of the best span that can be read, and from what is said meanwhile.

    The span is lengthened to what the answerer sees at least, and all that is said in that clip is
    told, up to ``prompts.MAX_SUBTITLES`` lines.

    Args:
        model: The resident model.
        library: Where it is read what is said.
        settings: How densely and how sharply the clip is seen.

    Source: VideoMind (arXiv 2503.13444), whose answerer is the unchanged base model, and which
        tells it what is said only where that is asked for.
    """

    def __init__(
        self,
        model: VideoModel,
        library: EvidenceSource,
        settings: VideoSettings = ANSWERER_VIDEO,
    ) -> None:
        self._model = model
        self._library = library
        self._settings = settings

    def answer(self, plan: Plan, spans: Sequence[GroundedSpan]) -> DraftAnswer:
        """Answer from the first span that can be read, cite it and what else was told, or abstain.

        It abstains where the model says that it cannot tell, which is asked of it, or writes
        nothing; no worse span is then tried.
        """
        shown, fallbacks = self._first_shown(plan, spans)
        if shown is None:
            return _unseen(fallbacks)
        prompt = self._model.prompt(
            answerer_prompt(plan.question, subtitles=shown.told), shown.features
        )
        text = self._model.text_of(self._model.write(Role.ANSWERER, prompt))
        if not text:
            return _abstained([*fallbacks, Fallback(Role.ANSWERER, "the model wrote nothing")])
        if abstains(text):
            return _abstained(fallbacks, 1.0 - shown.confidence)
        return DraftAnswer(
            text, False, shown.cited, shown.confidence, tuple(fallbacks), span=shown.span
        )

    def choose(
        self, plan: Plan, choices: Sequence[Choice], spans: Sequence[GroundedSpan]
    ) -> DraftAnswer:
        """Choose by the first span that can be read; abstain only where the model names none.

        Nothing but a letter is asked of it, as in the reference, so that it always names one that
        has learned to.
        """
        shown, fallbacks = self._first_shown(plan, spans)
        if shown is None:
            return _unseen(fallbacks)
        texts = [choice.text for choice in choices]
        asked = answerer_prompt(plan.question, texts, shown.told)
        prompt = self._model.prompt(asked, shown.features, OPTION_PREFILL)
        written = self._model.write(Role.ANSWERER, prompt, OPTION_TOKENS)
        number = read_option(self._model.text_of(written), texts)
        if number is None:
            reason = "the model named none of the choices"
            return _abstained([*fallbacks, Fallback(Role.ANSWERER, reason)])
        chosen = choices[number]
        return DraftAnswer(
            str(chosen), False, shown.cited, shown.confidence, tuple(fallbacks), chosen, shown.span
        )

    def _first_shown(
        self, plan: Plan, spans: Sequence[GroundedSpan]
    ) -> tuple["_Shown | None", list[Fallback]]:
        """Look at the first span that can be read, and say why those before it cannot."""
        fallbacks: list[Fallback] = []
        for span in spans:
            clip = _clip(span, plan.within)
            try:
                features = self._model.see(span.video, clip, self._settings)
            except MediaError as error:
                fallbacks.append(Fallback(Role.ANSWERER, str(error)))
                continue
            known = self._library.evidence(span.video.video_id, clip)
            spoken = [piece for piece in known if piece.kind in SPOKEN_KINDS]
            said = subtitles_inside(spoken, clip)
            inside = len(subtitles_inside(spoken, clip, len(spoken)))
            if inside > len(said):
                reason = f"the model is told the first {len(said)} of {inside} lines spoken"
                fallbacks.append(Fallback(Role.ANSWERER, reason))
            return _Shown(span, clip, features, said), fallbacks
        return None, fallbacks


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the model sees and is told of a span."""

    span: GroundedSpan
    clip: TimeSpan
    features: VisionFeatures
    said: tuple[Evidence, ...]

    @property
    def told(self) -> str:
        return subtitle_lines(self.said, self.clip)

    @property
    def cited(self) -> tuple[Evidence, ...]:
        """What the span rests on, and what else the model was told, in time order."""
        more = [piece for piece in self.said if piece not in self.span.evidence]
        return tuple(sorted((*self.span.evidence, *more), key=lambda piece: piece.span))

    @property
    def confidence(self) -> float:
        said = self.span.yes_probability
        return self.span.confidence if said is None else said


def _clip(span: GroundedSpan, within: TimeSpan | None) -> TimeSpan:
    """Lengthen a span to what is seen of the video, as far as it may be looked at."""
    start, end = span.span.start_seconds, span.span.end_seconds
    clip = answer_span(start, end, span.video.duration_seconds)
    if within is None:
        return clip
    return TimeSpan(
        max(clip.start_seconds, min(start, within.start_seconds)),
        min(clip.end_seconds, max(end, within.end_seconds)),
    )


def _abstained(fallbacks: Sequence[Fallback], confidence: float = 0.0) -> DraftAnswer:
    return DraftAnswer("", True, (), confidence, tuple(fallbacks))


def _unseen(fallbacks: Sequence[Fallback]) -> DraftAnswer:
    reasons = dict.fromkeys(fallback.reason for fallback in fallbacks)
    return replace(_abstained(fallbacks), unseen="; ".join(reasons))
