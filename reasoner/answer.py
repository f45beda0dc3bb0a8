"""The values that pass along the chain, from question to cited answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from reasoner.choice import Choice
from reasoner.reach import Reach, Tally
from retriever.moment import Moment
from store.records import Evidence, Video
from store.timespan import TimeSpan


class Role(StrEnum):
    """The four roles over one resident base model."""

    PLANNER = "planner"
    GROUNDER = "grounder"
    VERIFIER = "verifier"
    ANSWERER = "answerer"


@dataclass(frozen=True, slots=True)
class Fallback:
    """A role that could not do its work and what was done instead."""

    role: Role
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """How a question will be answered.

    Attributes:
        search_query: What the retriever gets.
        grounding_query: What the grounder and verifier look for.
        roles: Which run, in order.
        within: Time limit inside each video, found in the words; with the caller's, once the chain
            has looked where it may look.
        season, episode: Limit to one episode found in the words.
        last_episode: True for "in the last episode".
        repair: How a planner's reply had to be mended to be read; empty where it had not.
        reach: How much must be looked at; the chain says here how it looked in the end.
        subjects, tally: What the question reaches for, as ``Asked`` has them.
    """

    question: str
    search_query: str
    grounding_query: str
    roles: tuple[Role, ...] = tuple(Role)
    within: TimeSpan | None = None
    season: int | None = None
    episode: int | None = None
    last_episode: bool = False
    fallbacks: tuple[Fallback, ...] = ()
    repair: str = ""
    reach: Reach = Reach.MOMENTS
    subjects: tuple[str, ...] = ()
    tally: Tally | None = None

    @property
    def may_need_moments(self) -> bool:
        """Whether moments may answer: what is named may be no title, a number may be told."""
        if self.tally is not None:
            return self.tally.may_be_told
        is_named = self.reach is Reach.SUMMARY and bool(self.subjects)
        return is_named or self.reach is Reach.MOMENTS


@dataclass(frozen=True, slots=True)
class Window:
    """A widened retrieved moment: where the grounder looks.

    Attributes:
        evidence: All evidence that overlaps ``span``, in time order.
        moment_score: The retriever's score.
        matched_ids: Evidence ids that the retriever matched, best first.
    """

    video: Video
    span: TimeSpan
    evidence: tuple[Evidence, ...]
    moment_score: float
    matched_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GroundedSpan:
    """A span that may hold the answer.

    Attributes:
        confidence: The grounder's, in ``[0, 1]``.
        yes_probability: The verifier's, of yes against no, in ``[0, 1]``; ``None`` where it did not
            run.
        verifier_score: By which the verifier ranks, where that is another number; higher is better.
        evidence: What the span rests on, in time order.
        fallback: Why the grounder did not find this span but fell back on it; empty when it did.
        is_seen: A role found it, or judged it, by its pictures.
    """

    video: Video
    span: TimeSpan
    confidence: float
    evidence: tuple[Evidence, ...]
    yes_probability: float | None = None
    fallback: str = ""
    is_seen: bool = False
    verifier_score: float | None = None

    def judged(self, yes_probability: float) -> "GroundedSpan":
        """Return the span with the verifier's word on it."""
        return replace(self, yes_probability=yes_probability)


@dataclass(frozen=True, slots=True)
class DraftAnswer:
    """What the answerer wrote.

    Attributes:
        text: The answer, or a sentence that says nothing was found.
        cited: Evidence that the text rests on; empty when it abstains.
        confidence: In ``[0, 1]``.
        choice: What was chosen; ``None`` where it abstains or there was nothing to choose among.
        span: Which span it was made from, where that is one; ``None`` lets what is cited tell.
        unseen: Why nothing could be looked at; empty where something was, or there was nothing.
        count: How often, of a question that counts; ``None`` where it abstains.
    """

    text: str
    abstained: bool
    cited: tuple[Evidence, ...]
    confidence: float
    fallbacks: tuple[Fallback, ...] = ()
    choice: Choice | None = None
    span: GroundedSpan | None = None
    unseen: str = ""
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """One piece of evidence that the answer rests on, resolved so that it can be read alone."""

    evidence_id: str
    video_id: str
    title: str
    span: TimeSpan
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A question's grounded answer: printable, serialisable, replayable.

    Attributes:
        spans: Where the answer is seen or heard, best first; empty when abstained.
        moments: What the retriever offered, so that a reader can look further.
        seconds_by_role: Wall time, ``retriever`` included.
        model_revisions: Role or encoder to model id.
        caveats: What the answer could not know, in words for a person.
        choice: Which of the answers that the question named; ``None`` where it abstains or the
            question named none.
        count: How often, of a question that counts; ``None`` otherwise.
    """

    question: str
    text: str
    abstained: bool
    confidence: float
    spans: tuple[GroundedSpan, ...]
    citations: tuple[Citation, ...]
    plan: Plan
    moments: tuple[Moment, ...]
    fallbacks: tuple[Fallback, ...] = ()
    seconds_by_role: Mapping[str, float] = field(default_factory=dict)
    model_revisions: Mapping[str, str] = field(default_factory=dict)
    caveats: tuple[str, ...] = ()
    choice: Choice | None = None
    count: int | None = None
