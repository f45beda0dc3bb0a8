"""The answerer: the base model without adapter looks at the best span and writes."""

from collections.abc import Sequence

from reasoner.answer import DraftAnswer, Fallback, GroundedSpan, Plan, Role
from reasoner.interfaces import EvidenceSource
from reasoner.videomind.abstention import abstains
from reasoner.videomind.choices import read_option
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
from store.records import SPOKEN_KINDS, Evidence, Video
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
        fallbacks: list[Fallback] = []
        for span in spans:
            clip = _clip(span.video, span.span)
            said = self._said_in(span.video, clip)
            try:
                text = self._written(plan.question, clip, span.video, said)
            except MediaError as error:
                fallbacks.append(Fallback(Role.ANSWERER, str(error)))
                continue
            if not text:
                fallbacks.append(Fallback(Role.ANSWERER, "the model wrote nothing"))
                break
            confidence = span.confidence if span.yes_probability is None else span.yes_probability
            if abstains(text):
                return DraftAnswer("", True, (), 1.0 - confidence, tuple(fallbacks))
            return DraftAnswer(text, False, _cited(span, said), confidence, tuple(fallbacks))
        return DraftAnswer("", True, (), 0.0, tuple(fallbacks))

    def choose(
        self, question: str, options: Sequence[str], video: Video, span: TimeSpan
    ) -> int | None:
        """Choose one of several answers from what a span shows.

        Args:
            question: As it was put.
            options: At least two and at most 26.
            video: That is looked at.
            span: Lengthened to what the answerer sees at least.

        Returns:
            The option's number from 0; ``None`` where the model named none.

        Raises:
            MediaError: The video cannot be read.
        """
        clip = _clip(video, span)
        features = self._model.see(video, clip, self._settings)
        prompt = self._model.prompt(answerer_prompt(question, options), features, OPTION_PREFILL)
        written = self._model.write(Role.ANSWERER, prompt, OPTION_TOKENS)
        return read_option(self._model.text_of(written), len(options))

    def _written(
        self, question: str, clip: TimeSpan, video: Video, said: Sequence[Evidence]
    ) -> str:
        features = self._model.see(video, clip, self._settings)
        asked = answerer_prompt(question, subtitles=subtitle_lines(said, clip))
        return self._model.text_of(
            self._model.write(Role.ANSWERER, self._model.prompt(asked, features))
        )

    def _said_in(self, video: Video, clip: TimeSpan) -> tuple[Evidence, ...]:
        known = self._library.evidence(video.video_id, clip)
        return subtitles_inside([piece for piece in known if piece.kind in SPOKEN_KINDS], clip)


def _clip(video: Video, span: TimeSpan) -> TimeSpan:
    return answer_span(span.start_seconds, span.end_seconds, video.duration_seconds)


def _cited(span: GroundedSpan, said: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """What the span rests on, and what else the model was told, in time order."""
    told = [piece for piece in said if piece not in span.evidence]
    return tuple(sorted((*span.evidence, *told), key=lambda piece: piece.span))
