"""A moment: what a query gets back."""

from dataclasses import dataclass

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
        score: Fused score, higher is better; comparable within one result only.
        clips: The adjacent clips it was made of, in time order, at least one.
        evidence: What matched, best first; empty when only pictures did.
        why: One entry for each source that found it.
        skipped: Sources of the library that could not be asked, with the reason.
    """

    video: Video
    span: TimeSpan
    score: float
    clips: tuple[Clip, ...]
    evidence: tuple[Evidence, ...]
    why: tuple[SourceScore, ...]
    skipped: tuple[SkippedSource, ...] = ()
