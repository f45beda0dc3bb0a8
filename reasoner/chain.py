"""Plan, retrieve, ground, verify, answer: from a question to the seconds that prove the answer."""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from reasoner.answer import (
    Answer,
    Citation,
    DraftAnswer,
    Fallback,
    GroundedSpan,
    Plan,
    Role,
    Window,
)
from reasoner.caveats import caveats_of
from reasoner.choice import Choice, lettered
from reasoner.interfaces import (
    Answerer,
    EvidenceSource,
    Grounder,
    MomentSource,
    Planner,
    Verifier,
)
from reasoner.options import ChainOptions
from reasoner.ranking import Ranked, grounded, verified
from reasoner.readout import not_looked_at, nothing_found, read_out
from reasoner.scoping import allows, scope_of
from reasoner.windows import windows_of
from retriever.moment import Moment
from store.errors import QueryError
from store.records import Evidence, Scope

RETRIEVER = "retriever"
NEUTRAL_CONFIDENCE = 0.5
"""Of a span that no grounder looked at: a retriever's scores are not probabilities."""


@dataclass(frozen=True, slots=True)
class _Progress:
    """What one question has cost and which roles could not do their work, so far."""

    fallbacks: list[Fallback] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timing(self, role: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[role] = self.seconds.get(role, 0.0) + time.perf_counter() - started

    def reasons_of(self, role: Role) -> str:
        return "; ".join(each.reason for each in self.fallbacks if each.role is role)


@dataclass(frozen=True, slots=True)
class Chain:
    """The roles in their order, over one library.

    Attributes:
        model_revisions: Role or encoder to model id, copied into every answer.
    """

    library: EvidenceSource
    retriever: MomentSource
    planner: Planner
    grounder: Grounder
    verifier: Verifier
    answerer: Answerer
    options: ChainOptions = field(default_factory=ChainOptions)
    model_revisions: Mapping[str, str] = field(default_factory=dict)

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
        progress = _Progress()
        allowed = frozenset(Role if roles is None else roles)
        if offered and Role.ANSWERER not in allowed:
            raise ValueError("choices are the answerer's; let it run")

        plan = self._plan(asked, allowed, progress)
        running = allowed & frozenset(plan.roles if not offered else (*plan.roles, Role.ANSWERER))
        videos = self.library.videos()
        place = scope_of(plan, scope or Scope(), videos)
        plan = replace(plan, within=place.scope.within)
        moments = [] if place.emptied_by else self._retrieve(plan, place.scope, progress)
        windows = windows_of(moments, self.library, self.options, place.scope.within)
        spans = self._ground(plan, windows, running, progress)
        spans = self._verify(plan, spans, running, progress)
        draft = self._answer(plan, offered, spans, running, progress)

        if draft.abstained:
            text = (
                not_looked_at(moments, draft.unseen)
                if draft.unseen
                else nothing_found(videos, moments, place.emptied_by)
            )
            draft = replace(draft, text=text)
        answer = self._bundle(plan, draft, spans, moments, progress)
        doubted = _rests_on(answer)
        doubted = doubted or {video.video_id for video in videos if allows(place.scope, video)}
        return replace(
            answer, caveats=caveats_of([video for video in videos if video.video_id in doubted])
        )

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

    def _plan(self, question: str, allowed: frozenset[Role], progress: _Progress) -> Plan:
        if Role.PLANNER not in allowed:
            return Plan(question=question, search_query=question, grounding_query=question)
        with progress.timing(Role.PLANNER):
            plan = self.planner.plan(question)
        progress.fallbacks.extend(plan.fallbacks)
        return plan

    def _retrieve(self, plan: Plan, scope: Scope, progress: _Progress) -> list[Moment]:
        with progress.timing(RETRIEVER):
            return self.retriever.search(plan.search_query, k=self.options.k, scope=scope)

    def _ground(
        self, plan: Plan, windows: Sequence[Window], running: frozenset[Role], progress: _Progress
    ) -> tuple[GroundedSpan, ...]:
        if Role.GROUNDER not in running:
            return tuple(map(_whole, windows))[: self.options.max_spans]
        with progress.timing(Role.GROUNDER):
            proposed = self.grounder.ground(plan, windows)
        return self._kept(grounded(proposed), progress)[: self.options.max_spans]

    def _verify(
        self,
        plan: Plan,
        spans: tuple[GroundedSpan, ...],
        running: frozenset[Role],
        progress: _Progress,
    ) -> tuple[GroundedSpan, ...]:
        if Role.VERIFIER not in running or not spans:
            return spans
        with progress.timing(Role.VERIFIER):
            judged = self.verifier.verify(plan, spans)
        return self._kept(verified(spans, judged), progress)

    def _kept(self, ranked: Ranked, progress: _Progress) -> tuple[GroundedSpan, ...]:
        progress.fallbacks.extend(ranked.fallbacks)
        return ranked.spans

    def _answer(
        self,
        plan: Plan,
        offered: Sequence[Choice],
        spans: tuple[GroundedSpan, ...],
        running: frozenset[Role],
        progress: _Progress,
    ) -> DraftAnswer:
        if not spans:
            unseen = progress.reasons_of(Role.GROUNDER)  # one that left out all that it was given
            return DraftAnswer("", True, (), confidence=0.0 if unseen else 1.0, unseen=unseen)
        if Role.ANSWERER not in running:
            return read_out(spans[0])
        with progress.timing(Role.ANSWERER):
            draft = (
                self.answerer.choose(plan, offered, spans)
                if offered
                else self.answerer.answer(plan, spans)
            )
        progress.fallbacks.extend(draft.fallbacks)
        return draft

    def _bundle(
        self,
        plan: Plan,
        draft: DraftAnswer,
        spans: tuple[GroundedSpan, ...],
        moments: Sequence[Moment],
        progress: _Progress,
    ) -> Answer:
        titles = {span.video.video_id: span.video.title for span in spans}
        return Answer(
            question=plan.question,
            text=draft.text,
            abstained=draft.abstained,
            confidence=draft.confidence,
            spans=() if draft.abstained else _foremost(spans, draft),
            citations=tuple(_citation(piece, titles[piece.video_id]) for piece in draft.cited),
            plan=plan,
            moments=tuple(moments),
            fallbacks=tuple(progress.fallbacks),
            seconds_by_role=progress.seconds,
            model_revisions=dict(self.model_revisions),
            choice=draft.choice,
        )


def _whole(window: Window) -> GroundedSpan:
    return GroundedSpan(window.video, window.span, NEUTRAL_CONFIDENCE, window.evidence)


def _rests_on(answer: Answer) -> set[str]:
    """Name the videos of what is cited, or of the first span where nothing is; none if it abstains.

    An answer without citations is one that was seen.
    """
    cited = {citation.video_id for citation in answer.citations}
    return cited or {span.video.video_id for span in answer.spans[:1]}


def _foremost(spans: tuple[GroundedSpan, ...], draft: DraftAnswer) -> tuple[GroundedSpan, ...]:
    """Put the span that the answer was made from before the others, else those that it cites."""
    if draft.span is not None:
        return tuple(sorted(spans, key=lambda span: span != draft.span))
    ids = {piece.evidence_id for piece in draft.cited}
    return tuple(
        sorted(spans, key=lambda span: not any(piece.evidence_id in ids for piece in span.evidence))
    )


def _citation(piece: Evidence, title: str) -> Citation:
    return Citation(
        evidence_id=piece.evidence_id,
        video_id=piece.video_id,
        title=title,
        span=piece.span,
        kind=str(piece.kind),
        text=piece.text,
    )
