"""The pocket verifier: how likely each span answers, seen with what stands around it."""

from collections.abc import Sequence
from dataclasses import replace

from reasoner.answer import GroundedSpan, Plan
from reasoner.interfaces import EvidenceSource
from reasoner.pocket.language_model import LanguageModel, Prompt
from reasoner.pocket.support import VERIFYING_WEIGHTS, SupportReader, SupportWeights

ZOOM = 0.5
"""Share of a span's length that is added on both sides, as in VideoMind (arXiv 2503.13444)."""
NO_CONTENT = "N/A"
MAX_CONTEXT_CHARACTERS = 600


class PocketVerifier:
    """Weighs what the span says against the question, the language model's word included.

    The model is not asked "yes or no": without an adapter its word was hardly better than chance on
    the development questions (AUC 0.59; 0.60 when calibrated). What it does tell is how much less
    the question surprises it after reading the span than after reading nothing.

    Source: Sachan et al. 2022 (question likelihood as a reranker), Zhao et al. 2021
        (calibration by a content-free context).
    """

    def __init__(
        self,
        library: EvidenceSource,
        model: LanguageModel,
        reader: SupportReader,
        weights: SupportWeights = VERIFYING_WEIGHTS,
    ) -> None:
        self._library = library
        self._model = model
        self._reader = reader
        self._weights = weights

    def verify(self, plan: Plan, spans: Sequence[GroundedSpan]) -> list[GroundedSpan]:
        """Return the spans with ``yes_probability`` set, best first."""
        if not spans:
            return []
        question = plan.search_query
        texts = [" ".join(piece.text for piece in span.evidence) for span in spans]
        contexts = [self._context(span) for span in spans]
        cosines = self._reader.cosines(question, plan.grounding_query, texts)
        saved = self._surprise_saved(question, contexts)
        judged = []
        for span, text, context, cosine, gain in zip(
            spans, texts, contexts, cosines, saved, strict=True
        ):
            signals = self._reader.signals(question, float(cosine), text, context)
            known = replace(signals, surprise_saved=gain)
            judged.append(span.judged(self._weights.probability(known)))
        return sorted(judged, key=lambda span: -(span.yes_probability or 0.0))

    def _context(self, span: GroundedSpan) -> str:
        """Read what is known about the span, zoomed out on both sides."""
        margin = span.span.duration_seconds * ZOOM
        zoomed = span.span.widened(margin, limit_seconds=span.video.duration_seconds)
        around = self._library.evidence(span.video.video_id, zoomed)
        return " ".join(piece.text for piece in around)[:MAX_CONTEXT_CHARACTERS]

    def _surprise_saved(self, question: str, contexts: Sequence[str]) -> list[float]:
        """Measure what each context tells the model about the question, less the best of them."""
        prompts = [Prompt("", f"{context}\nQuestion:") for context in [NO_CONTENT, *contexts]]
        blind, *informed = self._model.log_likelihood(prompts, [f" {question}"] * len(prompts))
        gains = [likelihood - blind for likelihood in informed]
        return [gain - max(gains) for gain in gains]
