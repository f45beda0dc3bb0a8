"""Plan, retrieve, ground, verify, answer: from a question to the seconds that prove the answer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from reasoner.answer import (
    Answer,
    DraftAnswer,
    Fallback,
    GroundedSpan,
    Plan,
    Role,
    Window,
)
from reasoner.bundling import bundle
from reasoner.choice import Choice, lettered
from reasoner.general.budget import CountTokens, estimated_tokens
from reasoner.general.extent import Extent
from reasoner.general.finding import NEUTRAL_CONFIDENCE, Finding
from reasoner.general.landmark import probability
from reasoner.general.survey import Survey
from reasoner.interfaces import (
    Answerer,
    EvidenceSource,
    Grounder,
    MomentSource,
    Planner,
    Verifier,
)
from reasoner.options import ChainOptions
from reasoner.progress import Progress
from reasoner.ranking import Ranked, grounded, verified
from reasoner.reach import Reach
from reasoner.readout import LEAST_YES, not_looked_at, nothing_found, read_out
from reasoner.scoping import scope_of
from reasoner.windows import windows_of
from retriever.moment import Moment
from retriever.narrowing import NarrowedScope
from store.errors import QueryError
from store.records import Scope, Video

RETRIEVER = "retriever"
SURVEY = "survey"


@dataclass(frozen=True, slots=True)
class _Inquiry:
    """One question, planned, and where it may be looked into."""

    plan: Plan
    place: NarrowedScope
    videos: Sequence[Video]
    offered: Sequence[Choice]
    running: frozenset[Role]
    progress: Progress

    @property
    def only_moments(self) -> str:
        """Why a general question is put to moments all the same; empty where it is not."""
        if self.offered:
            return "one of several answers is chosen by moments, whatever the question reaches for"
        if self.place.scope.phrases or self.place.scope.without:
            return "phrases limit what is looked at to moments"
        return ""


@dataclass(frozen=True, slots=True)
class Chain:
    """The roles in their order, over one library.

    Attributes:
        model_revisions: Role or encoder to model id, copied into every answer.
        count_tokens: Of a line, against ``options.max_evidence_tokens``.
    """

    library: EvidenceSource
    retriever: MomentSource
    planner: Planner
    grounder: Grounder
    verifier: Verifier
    answerer: Answerer
    options: ChainOptions = field(default_factory=ChainOptions)
    model_revisions: Mapping[str, str] = field(default_factory=dict)
    count_tokens: CountTokens = estimated_tokens

    def ask(
        self,
        question: str,
        scope: Scope | None = None,
        roles: Collection[Role] | None = None,
        choices: Sequence[str] = (),
    ) -> Answer:
        """Answer a question from the library, or say that it holds no answer.

        Args:
            question: Limits in its words narrow the scope.
            scope: Which part of the library may be looked at; ``None`` for all of it.
            roles: Which roles may run; ``None`` for those that the plan names.
            choices: Answers to choose among, at least two; none for an answer in words. The
                answerer then runs, whatever the plan says.

        Raises:
            QueryError: The question is empty or too long, or the choices are none.
            ValueError: There are choices and the answerer may not run.
        """
        asked = self._checked(question)
        offered = lettered(choices)
        progress = Progress()
        allowed = frozenset(Role if roles is None else roles)
        if offered and Role.ANSWERER not in allowed:
            raise ValueError("choices are the answerer's; let it run")

        plan = self._plan(asked, allowed, progress)
        running = allowed & frozenset(plan.roles if not offered else (*plan.roles, Role.ANSWERER))
        videos = self.library.videos()
        place = scope_of(plan, scope or Scope(), videos)
        plan = replace(plan, within=place.scope.within)
        inquiry = _Inquiry(plan, place, videos, offered, running, progress)
        reach, finding = self._found(inquiry)
        progress.fallbacks.extend(finding.draft.fallbacks)
        plan = replace(plan, reach=reach)
        return bundle(plan, finding, progress, place.scope, videos, self.model_revisions)

    def _checked(self, question: str) -> str:
        asked = " ".join(question.split())
        if not any(character.isalnum() for character in asked):
            raise QueryError(
                "the question holds no word; ask for something, for example: Who speaks first?"
            )
        limit = self.options.max_question_characters
        if len(asked) > limit:
            raise QueryError(f"the question has {len(asked)} characters; ask in at most {limit}")
        return asked

    def _plan(self, question: str, allowed: frozenset[Role], progress: Progress) -> Plan:
        if Role.PLANNER not in allowed:
            return Plan(question=question, search_query=question, grounding_query=question)
        with progress.timing(Role.PLANNER):
            plan = self.planner.plan(question)
        progress.fallbacks.extend(plan.fallbacks)
        return plan

    def _found(self, inquiry: _Inquiry) -> tuple[Reach, Finding]:
        """Answer as far as the question reaches; says how far was looked in the end."""
        plan, reason = inquiry.plan, inquiry.only_moments
        if plan.reach is Reach.MOMENTS or inquiry.place.emptied_by:
            return Reach.MOMENTS, self._by_moments(inquiry)
        if reason:
            inquiry.progress.fallbacks.append(Fallback(Role.PLANNER, reason))
            return Reach.MOMENTS, self._by_moments(inquiry)
        is_told_first = plan.tally is not None and plan.tally.may_be_told
        told = self._by_moments(inquiry) if is_told_first else None
        if told is not None and not told.draft.abstained:
            return Reach.MOMENTS, told
        general = self._by_survey(inquiry)
        if general is None:
            return Reach.MOMENTS, told or self._by_moments(inquiry)
        return plan.reach, general

    def _by_survey(self, inquiry: _Inquiry) -> Finding | None:
        """Answer a general question; ``None`` where it is one of moments after all."""
        survey = Survey(
            Extent.of(self.library, inquiry.place.scope, inquiry.videos),
            lambda words, scope: self._locate(words, scope, inquiry),
            self.options.max_evidence_tokens,
            self.count_tokens,
        )
        with inquiry.progress.timing(SURVEY):
            return survey.answer(inquiry.plan)

    def _locate(self, words: str, scope: Scope, inquiry: _Inquiry) -> list[GroundedSpan]:
        """Find the moments that words describe likelier than not, best first."""
        plan = replace(inquiry.plan, search_query=words, grounding_query=words)
        moments = self._retrieve(plan, scope, inquiry.progress)
        spans = self._spans(plan, moments, inquiry)
        return [span for span in spans if probability(span) >= LEAST_YES]

    def _by_moments(self, inquiry: _Inquiry) -> Finding:
        """Answer from the best moments, or say that they hold no answer."""
        plan, place = inquiry.plan, inquiry.place
        moments = [] if place.emptied_by else self._retrieve(plan, place.scope, inquiry.progress)
        spans = self._spans(plan, moments, inquiry)
        draft = self._answer(inquiry, spans)
        if draft.abstained:
            text = (
                not_looked_at(moments, draft.unseen)
                if draft.unseen
                else nothing_found(inquiry.videos, moments, place.emptied_by)
            )
            draft = replace(draft, text=text)
        return Finding(draft, spans, tuple(moments))

    def _retrieve(self, plan: Plan, scope: Scope, progress: Progress) -> list[Moment]:
        with progress.timing(RETRIEVER):
            return self.retriever.search(plan.search_query, k=self.options.k, scope=scope)

    def _spans(
        self, plan: Plan, moments: Sequence[Moment], inquiry: _Inquiry
    ) -> tuple[GroundedSpan, ...]:
        """Ground moments and verify the spans, best first."""
        windows = windows_of(moments, self.library, self.options, plan.within)
        spans = self._ground(plan, windows, inquiry.running, inquiry.progress)
        return self._verify(plan, spans, inquiry.running, inquiry.progress)

    def _ground(
        self, plan: Plan, windows: Sequence[Window], running: frozenset[Role], progress: Progress
    ) -> tuple[GroundedSpan, ...]:
        if Role.GROUNDER not in running:
            return tuple(map(_whole, windows))[: self.options.max_spans]
        with progress.timing(Role.GROUNDER):
            proposed = self.grounder.ground(plan, windows)
        return _kept(grounded(proposed), progress)[: self.options.max_spans]

    def _verify(
        self,
        plan: Plan,
        spans: tuple[GroundedSpan, ...],
        running: frozenset[Role],
        progress: Progress,
    ) -> tuple[GroundedSpan, ...]:
        if Role.VERIFIER not in running or not spans:
            return spans
        with progress.timing(Role.VERIFIER):
            judged = self.verifier.verify(plan, spans)
        return _kept(verified(spans, judged), progress)

    def _answer(self, inquiry: _Inquiry, spans: tuple[GroundedSpan, ...]) -> DraftAnswer:
        plan, offered = inquiry.plan, inquiry.offered
        if not spans:
            # Of a grounder that left out all that it was given.
            unseen = inquiry.progress.reasons_of(Role.GROUNDER)
            return DraftAnswer("", True, (), confidence=0.0 if unseen else 1.0, unseen=unseen)
        if Role.ANSWERER not in inquiry.running:
            return read_out(spans[0])
        with inquiry.progress.timing(Role.ANSWERER):
            if offered:
                return self.answerer.choose(plan, offered, spans)
            return self.answerer.answer(plan, spans)


def _kept(ranked: Ranked, progress: Progress) -> tuple[GroundedSpan, ...]:
    progress.fallbacks.extend(ranked.fallbacks)
    return ranked.spans


def _whole(window: Window) -> GroundedSpan:
    return GroundedSpan(window.video, window.span, NEUTRAL_CONFIDENCE, window.evidence)
