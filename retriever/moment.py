"""A moment: what a query gets back."""

from dataclasses import dataclass

from retriever.lead import Lead
from retriever.source import SkippedSource
from store.records import Clip, Evidence, Video
from store.timespan import TimeSpan


@dataclass(frozen=True, slots=True)
class SourceScore:
    """What one source said about a moment.

    Attributes:
        source: ``lexical``, or the id of an embedding space.
        rank: Of its best clip in that source, from 1.
        score: In the source's own scale; higher is better.
    """

    source: str
    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Moment:
    """A span of a video that answers a query.

    Attributes:
        span: Edges pulled to the evidence that matched.
        score: Fused score, higher is better; comparable within one result only, unless there is a
            probability: then it is nats of calibrated evidence.
        clips: The adjacent clips it was made of, in time order, at least one.
        evidence: What matched, best first; empty when only pictures did.
        why: One entry for each source that found it.
        skipped: Sources of the library that could not be asked, with the reason.
        lead: Where it stands in the ranking, in nats; ``None`` as ``probability`` is.
        probability: That the moment answers the query, in ``[0, 1]``; ``None`` where an encoder
            that was asked has no calibration.
    """

    video: Video
    span: TimeSpan
    score: float
    clips: tuple[Clip, ...]
    evidence: tuple[Evidence, ...]
    why: tuple[SourceScore, ...]
    skipped: tuple[SkippedSource, ...] = ()
    lead: Lead | None = None
    probability: float | None = None
