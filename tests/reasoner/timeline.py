"""One invented video with a timeline, and fakes of the rooms around the chain."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from reasoner.answer import DraftAnswer, GroundedSpan, Plan, Window
from reasoner.choice import Choice
from retriever.moment import Moment
from store.records import Clip, Evidence, EvidenceKind, Scope, Summary, Video
from store.timespan import TimeSpan

VIDEO = Video("f" * 64, ("/films/ferry.mp4",), "The Ferry", 100.0, 1)


def line(
    ordinal: int, start: float, end: float, text: str, kind: EvidenceKind = EvidenceKind.SPEECH
) -> Evidence:
    return Evidence(VIDEO.video_id, kind, ordinal, 0, TimeSpan(start, end), text, "test")


LINES = (
    line(0, 0.0, 5.0, "The boat is called Marigold."),
    line(1, 5.0, 10.0, "Her engine runs on cooking oil."),
    line(2, 30.0, 36.0, "They will meet at the old mill."),
    line(3, 60.0, 64.0, "A bell rings in the fog."),
)


def moment(
    start: float, end: float, score: float = 1.0, evidence: Sequence[Evidence] = ()
) -> Moment:
    clip = Clip(VIDEO.video_id, 0, TimeSpan(start, end))
    return Moment(VIDEO, TimeSpan(start, end), score, (clip,), tuple(evidence), ())


def window(lines: Sequence[Evidence] = LINES) -> Window:
    return Window(VIDEO, TimeSpan(0.0, 100.0), tuple(lines), 1.0)


def span_on(piece: Evidence, confidence: float = 0.8, yes: float | None = None) -> GroundedSpan:
    return GroundedSpan(VIDEO, piece.span, confidence, (piece,), yes)


def plan_for(question: str) -> Plan:
    return Plan(question=question, search_query=question, grounding_query=question)


@dataclass
class FakeLibrary:
    listed: tuple[Video, ...] = (VIDEO,)
    lines: tuple[Evidence, ...] = LINES
    built: tuple[Summary, ...] = ()

    def videos(self) -> list[Video]:
        return list(self.listed)

    def evidence(self, video_id: str, within: TimeSpan | None = None) -> list[Evidence]:
        return [
            x
            for x in self.lines
            if x.video_id == video_id and (within is None or x.span.overlaps(within))
        ]

    def summaries(self, video_id: str) -> list[Summary]:
        return [summary for summary in self.built if summary.video_id == video_id]


@dataclass
class FakeRetriever:
    moments: list[Moment]
    asked: list[tuple[str, int, Scope]] = field(default_factory=list)

    def search(self, query: str, k: int, scope: Scope) -> list[Moment]:
        self.asked.append((query, k, scope))
        return self.moments[:k]


class EchoPlanner:
    def plan(self, question: str) -> Plan:
        return plan_for(question)


@dataclass
class FirstLineGrounder:
    """Takes the first line of every window, with the confidence it was made with."""

    confidence: float = 0.7

    def ground(self, plan: Plan, windows: Sequence[Window]) -> list[GroundedSpan]:
        return [span_on(w.evidence[0], self.confidence) for w in windows if w.evidence]


@dataclass
class ConstantVerifier:
    probability: float = 0.9

    def verify(self, plan: Plan, spans: Sequence[GroundedSpan]) -> list[GroundedSpan]:
        return [span.judged(self.probability) for span in spans]


@dataclass
class QuotingAnswerer:
    """Quotes the best span, or chooses what it says, and abstains below one half."""

    def answer(self, plan: Plan, spans: Sequence[GroundedSpan]) -> DraftAnswer:
        best = spans[0] if spans else None
        if best is None or (best.yes_probability or best.confidence) < 0.5:
            return DraftAnswer("", True, (), 0.9)
        return DraftAnswer(best.evidence[0].text, False, best.evidence, 0.9)

    def choose(
        self, plan: Plan, choices: Sequence[Choice], spans: Sequence[GroundedSpan]
    ) -> DraftAnswer:
        draft = self.answer(plan, spans)
        chosen = next((each for each in choices if each.text in draft.text), None)
        if draft.abstained or chosen is None:
            return DraftAnswer("", True, (), 0.9)
        return replace(draft, text=str(chosen), choice=chosen)
