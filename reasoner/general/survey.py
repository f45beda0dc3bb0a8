"""General questions answered: each reach by its own way of looking."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from reasoner.answer import DraftAnswer, Fallback, GroundedSpan, Plan, Role
from reasoner.general.budget import CountTokens
from reasoner.general.count_text import (
    count_text,
    never_text,
    none_text,
    speaker_reason,
    unit_reason,
)
from reasoner.general.counting import Count, count
from reasoner.general.extent import Extent, titled
from reasoner.general.finding import NEUTRAL_CONFIDENCE, Finding
from reasoner.general.landmark import landmark
from reasoner.general.ordering import tell_order
from reasoner.general.subject import Subject, read_subject
from reasoner.general.summarising import summarise
from reasoner.reach import Reach, Tally
from store.records import SPOKEN_KINDS, Scope
from store.unheard import unheard_reason

LEAST_TOLD_WORDS = 2
"""Of an event that is counted by the lines that tell of it: one word tells of other things too."""
Locate = Callable[[str, Scope], Sequence[GroundedSpan]]


@dataclass(frozen=True, slots=True)
class Survey:
    """How general questions are answered over one extent.

    Attributes:
        extent: What may be looked at.
        locate: Finds moments that words describe, each likelier than not, inside a scope.
        max_tokens: Of all evidence that an answer tells.
        count_tokens: Of one line.
    """

    extent: Extent
    locate: Locate
    max_tokens: int
    count_tokens: CountTokens

    def answer(self, plan: Plan) -> Finding | None:
        """Answer a general question, or abstain; ``None`` where it is one of moments after all."""
        if plan.reach is Reach.SUMMARY:
            return self._summary(plan)
        if plan.reach is Reach.COUNT and plan.tally is not None:
            return self._count(read_subject(plan.subjects[0]), plan.tally)
        if plan.reach in (Reach.AFTER, Reach.BEFORE, Reach.BETWEEN):
            return self._order(plan)
        return None

    def _summary(self, plan: Plan) -> Finding | None:
        extent = self.extent
        if plan.subjects:
            named = titled(plan.subjects[0], extent.videos)
            if not named:
                return None
            extent = extent.of_videos(named)
        return summarise(extent, self.max_tokens, self.count_tokens)

    def _count(self, subject: Subject, tally: Tally) -> Finding | None:
        if tally.may_be_told and len(subject.keys) < LEAST_TOLD_WORDS:
            return None
        counted = count(self.extent, subject, tally)
        if not counted.occurrences:
            return self._none(counted, subject, tally)
        reasons = [unit_reason(counted, tally)]
        reasons += [] if counted.is_speaker_known else [speaker_reason(tally)]
        draft = DraftAnswer(
            text=count_text(counted, subject, tally),
            abstained=False,
            cited=tuple(line for each in counted.occurrences for line in each.lines),
            confidence=NEUTRAL_CONFIDENCE,
            fallbacks=tuple(Fallback(Role.ANSWERER, reason) for reason in reasons if reason),
            count=counted.number,
        )
        return Finding(draft, tuple(each.grounded() for each in counted.occurrences))

    def _none(self, counted: Count, subject: Subject, tally: Tally) -> Finding:
        """Abstain, unless words were asked for and all that was said is known."""
        is_known = (
            subject.is_quoted
            and bool(counted.kinds & set(SPOKEN_KINDS))
            and counted.is_speaker_known
            and not any(map(unheard_reason, self.extent.videos))
        )
        text = (never_text if is_known else none_text)(counted, subject, tally)
        number = 0 if is_known else None
        return Finding(DraftAnswer(text, not is_known, (), NEUTRAL_CONFIDENCE, count=number))

    def _order(self, plan: Plan) -> Finding:
        moments: list[GroundedSpan] = []
        scope = self.extent.scope
        for words in plan.subjects:
            found = landmark(words, self.locate(words, scope), self.extent.library)
            if found is None:
                return Finding(_not_located(words, moments), tuple(moments))
            moments.append(found)
            scope = replace(scope, video_ids=(found.video.video_id,))
        return tell_order(self.extent, plan.reach, moments, self.max_tokens, self.count_tokens)


def _not_located(words: str, others: Sequence[GroundedSpan]) -> DraftAnswer:
    where = f" in {others[0].video.title!r}" if others else ""
    text = f"The library does not hold an answer: no moment{where} was found that shows {words!r}."
    return DraftAnswer(text, True, (), confidence=0.0)
