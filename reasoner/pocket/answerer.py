"""The pocket answerer: a short answer in the evidence's words, the sentence itself, or none."""

from collections.abc import Sequence
from dataclasses import dataclass

from reasoner.answer import DraftAnswer, Fallback, GroundedSpan, Plan, Role
from reasoner.choice import Choice
from reasoner.general.budget import fitted
from reasoner.general.telling import in_time_order, text_for_model
from reasoner.pocket.expectation import can_answer
from reasoner.pocket.language_model import LanguageModel, chat
from reasoner.pocket.support import SupportReader
from reasoner.pocket.wording import content_words, stem
from store.records import Evidence

INSTRUCTION = "Answer the question with a short phrase copied from the text."


@dataclass(frozen=True, slots=True)
class AnswererOptions:
    """When to answer, and how much is read and written for it.

    Attributes:
        least_support: Below it the best span does not support an answer.
        least_choice_cover: Mean cover (``WordCover``) below which the span does not hold a choice.
            Source: the 24 questions of ``benchmarks/development`` that have an answer, each with
            three others' answers beside its own, after planner and grounder. 20 were chosen right
            and none wrong; with the right one taken out, one was chosen (six at 0.5).
        max_spans: That the answer is written from.
        max_context_tokens: Of evidence; lines that do not fit are left out, those of worse spans
            first, and that is told. The question is never cut.
        max_new_tokens: Of the answer.
        writes: False answers with the sentence itself, without the language model.
    """

    least_support: float = 0.5
    least_choice_cover: float = 0.8
    max_spans: int = 1
    max_context_tokens: int = 400
    max_new_tokens: int = 24
    writes: bool = True


class PocketAnswerer:
    """Writes from the best spans and takes back what they do not say.

    Args:
        model: That writes.
        reader: Says how well a span covers the words of a choice, for which no model writes.
        options: When to answer.
    """

    def __init__(
        self,
        model: LanguageModel,
        reader: SupportReader,
        options: AnswererOptions | None = None,
    ) -> None:
        self._model = model
        self._reader = reader
        self._options = options or AnswererOptions()

    def configured(self, options: AnswererOptions) -> "PocketAnswerer":
        """Return an answerer with other options over the same model."""
        return PocketAnswerer(self._model, self._reader, options)

    def answer(self, plan: Plan, spans: Sequence[GroundedSpan]) -> DraftAnswer:
        """Answer from the spans' evidence and cite it, or abstain."""
        if not spans or _support(spans[0]) < self._options.least_support:
            support = _support(spans[0]) if spans else 0.0
            return DraftAnswer(text="", abstained=True, cited=(), confidence=1.0 - support)
        read = spans[: self._options.max_spans]
        lines = in_time_order(piece for span in read for piece in span.evidence)
        support, sentence = _support(spans[0]), " ".join(p.text for p in spans[0].evidence)
        if not self._options.writes:
            return DraftAnswer(sentence, False, spans[0].evidence, support)
        written, fallbacks = self._write(plan.search_query, read)
        complaint = _complaint(plan.search_query, written, lines)
        if complaint:
            fallback = Fallback(Role.ANSWERER, f"{complaint}; the sentence itself is given")
            return DraftAnswer(sentence, False, spans[0].evidence, support, (*fallbacks, fallback))
        cited = _cited(plan.search_query, written, lines)
        return DraftAnswer(_as_sentence(written), False, cited, support, fallbacks)

    def choose(
        self, plan: Plan, choices: Sequence[Choice], spans: Sequence[GroundedSpan]
    ) -> DraftAnswer:
        """Choose the answer whose words the best spans hold; abstain if they hold none, or two."""
        support = _support(spans[0]) if spans else 0.0
        if support < self._options.least_support:
            return DraftAnswer(text="", abstained=True, cited=(), confidence=1.0 - support)
        read = spans[: self._options.max_spans]
        lines = in_time_order(piece for span in read for piece in span.evidence)
        told = " ".join(line.text for line in lines)
        covers = [self._choice_cover(choice, told) for choice in choices]
        best = max(covers)
        held = [choice for choice, cover in zip(choices, covers, strict=True) if cover == best]
        if best < self._options.least_choice_cover:
            return DraftAnswer("", True, (), 1.0 - best)
        if len(held) > 1:
            both = " and ".join(map(str, held))
            fallback = Fallback(Role.ANSWERER, f"the evidence speaks as much for {both}")
            return DraftAnswer("", True, (), 0.0, (fallback,))
        (chosen,) = held
        cited = _cited(plan.search_query, chosen.text, lines)
        return DraftAnswer(str(chosen), False, cited, support, choice=chosen)

    def _choice_cover(self, choice: Choice, told: str) -> float:
        """Measure how far the evidence holds a choice; 0 where no word of it could be held."""
        mean, _ = self._reader.cover(choice.text, told)
        return mean if content_words(choice.text) else 0.0

    def _write(
        self, question: str, spans: Sequence[GroundedSpan]
    ) -> tuple[str, tuple[Fallback, ...]]:
        """Let the model write from the lines that fit, in time order with gaps marked."""
        told = fitted(
            [span.evidence for span in spans],
            self._options.max_context_tokens,
            self._model.count_tokens,
        )
        titles = {span.video.video_id: span.video.title for span in spans}
        text = text_for_model(in_time_order(told.lines), titles)
        prompt = chat(INSTRUCTION, f"Text: {text.strip()}\nQuestion: {question}")
        written = self._model.generate(prompt, self._options.max_new_tokens).strip(" \"'")
        if not told.num_left_out:
            return written, ()
        lines = "1 line" if told.num_left_out == 1 else f"{told.num_left_out} lines"
        reason = f"the model was not told {lines}, for want of room"
        return written, (Fallback(Role.ANSWERER, reason),)


def _support(span: GroundedSpan) -> float:
    return span.confidence if span.yes_probability is None else span.yes_probability


def _complaint(question: str, written: str, lines: Sequence[Evidence]) -> str:
    """Say what is wrong with a written answer; empty when nothing is."""
    if not content_words(written):
        return "the model wrote no answer"
    known = _stems(" ".join(line.text for line in lines))
    asked = _stems(question)
    foreign = [word for word in content_words(written) if stem(word) not in known | asked]
    if foreign:
        return f"the model wrote words that are not in the evidence ({', '.join(foreign[:3])})"
    if not can_answer(question, f"it is {written}"):  # so that a first word can be a name
        return "the model's words do not answer what is asked"
    return ""


def _cited(question: str, written: str, lines: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Choose the lines that hold most of what the answer adds to the question."""
    words = _stems(written) - _stems(question) or _stems(written)
    shared = [len(words & _stems(line.text)) for line in lines]
    return tuple(
        line for line, count in zip(lines, shared, strict=True) if count and count == max(shared)
    ) or tuple(lines)


def _stems(text: str) -> set[str]:
    return {stem(word) for word in content_words(text)}


def _as_sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else text + "."
