"""The pocket grounder: picks the lines of the evidence timeline that bear on the question."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from reasoner.answer import GroundedSpan, Plan, Window
from reasoner.pocket.support import GROUNDING_WEIGHTS, SupportReader, SupportWeights
from store.records import Evidence, EvidenceKind
from store.timespan import TimeSpan

LOOKS = frozenset({EvidenceKind.TAG, EvidenceKind.CAPTION})
"""Kinds that tell how something looks."""


@dataclass(frozen=True, slots=True)
class GroundingOptions:
    """How lines become spans.

    Attributes:
        max_spans: Proposed in all.
        max_spans_a_window: Proposed in one window.
        joins_above: A neighbouring line joins the picked one when it has at least this share of
            its confidence.
        joins_within_seconds: And when no longer silence lies between them.
        least_confidence: Below it a line does not bear on the question at all.
    """

    max_spans: int = 6
    max_spans_a_window: int = 3
    joins_above: float = 0.9
    joins_within_seconds: float = 1.0
    least_confidence: float = 0.02


class PocketGrounder:
    """Scores every line of every window; a span is a good line and its like neighbours."""

    def __init__(
        self,
        reader: SupportReader,
        weights: SupportWeights = GROUNDING_WEIGHTS,
        options: GroundingOptions | None = None,
    ) -> None:
        self._reader = reader
        self._weights = weights
        self._options = options or GroundingOptions()

    def ground(self, plan: Plan, windows: Sequence[Window]) -> list[GroundedSpan]:
        """Propose spans, best first; empty when nothing in the windows bears on the question."""
        lines = [line for window in windows for line in window.evidence]
        cosines = self._reader.cosines(
            plan.search_query, plan.grounding_query, [line.text for line in lines]
        )
        proposals: list[GroundedSpan] = []
        start = 0
        for window in windows:
            end = start + len(window.evidence)
            proposals.extend(self._in_window(plan, window, [float(c) for c in cosines[start:end]]))
            start = end
        best_first = sorted(proposals, key=lambda span: -span.confidence)
        return best_first[: self._options.max_spans]

    def _in_window(
        self, plan: Plan, window: Window, cosines: Sequence[float]
    ) -> list[GroundedSpan]:
        confidences = [
            self._confidence(plan, window.evidence, position, cosine)
            for position, cosine in enumerate(cosines)
        ]
        spans: list[GroundedSpan] = []
        taken: set[int] = set()
        for position in sorted(range(len(confidences)), key=lambda p: -confidences[p]):
            full = len(spans) == self._options.max_spans_a_window
            if full or not confidences[position] >= self._options.least_confidence:
                break
            if position in taken:
                continue
            joined = self._joined(window.evidence, confidences, position, taken)
            taken.update(joined)
            picked = tuple(window.evidence[p] for p in joined)
            spans.append(GroundedSpan(window.video, _hull(picked), confidences[position], picked))
        return spans

    def _confidence(
        self, plan: Plan, lines: Sequence[Evidence], position: int, cosine: float
    ) -> float:
        around = lines[max(0, position - 1) : position + 2]
        context = " ".join(line.text for line in around)
        signals = self._reader.signals(plan.search_query, cosine, lines[position].text, context)
        return self._weights.probability(signals)

    def _joined(
        self,
        lines: Sequence[Evidence],
        confidences: Sequence[float],
        position: int,
        taken: set[int],
    ) -> list[int]:
        """Walk both ways from a line while those like it are nearly as good, near and free.

        Words join words and looks join looks: what is written beside a thing is not said of it.
        """
        is_look = lines[position].kind in LOOKS
        like = [other for other, line in enumerate(lines) if (line.kind in LOOKS) == is_look]
        place = like.index(position)
        joined = [position]
        floor = confidences[position] * self._options.joins_above
        for way in (like[place + 1 :], reversed(like[:place])):
            last = position
            for edge in way:
                gap_seconds = lines[edge].span.gap_seconds(lines[last].span)
                is_near = gap_seconds <= self._options.joins_within_seconds
                if edge in taken or confidences[edge] < floor or not is_near:
                    break
                joined.append(edge)
                last = edge
        return sorted(joined)


def _hull(lines: Sequence[Evidence]) -> TimeSpan:
    return reduce(TimeSpan.hull, (line.span for line in lines))
