"""What the retriever finds of a library's queries, one query at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.needle.libraries import FilmedLibrary
from benchmarks.needle.plan import Query
from benchmarks.retrieval import SOURCES, leading_clip
from cinedex.api import open_library
from retriever.metrics.right_clip import is_right_clip
from retriever.metrics.vcmr import VideoSpan, vcmr_recall_at_k
from retriever.moment import Moment
from retriever.search import Retriever

DEPTHS = (1, 5)
IOUS = (0.5, 0.7)
RIGHT_CLIP = "R@1 clip"
PLACED_IOU = "mIoU"
CLIP_IOU = "mIoU of its clip"
EVERYTHING = "all sources"


@dataclass(frozen=True, slots=True)
class Judged:
    """One query of one library.

    Attributes:
        values: By measure, in ``[0, 1]``; empty for an absent query.
        top_score: Of the first moment, in the scale of what was asked; higher is better, minus
            infinity where nothing was found.
    """

    query: Query
    top_score: float
    values: dict[str, float] = field(default_factory=dict)

    @property
    def is_absent(self) -> bool:
        """Whether nothing in the library satisfies the query."""
        return not self.values


def judge_library(filmed: FilmedLibrary) -> dict[str, list[Judged]]:
    """Ask all queries of an indexed library, with all sources and with each alone."""
    with open_library(filmed.library) as library:
        retriever = library.composition.retriever()
        return {
            name: [_ask(filmed, retriever, query, sources) for query in _all_queries(filmed)]
            for name, sources in SOURCES.items()
        }


def _all_queries(filmed: FilmedLibrary) -> list[Query]:
    return [*filmed.plan.queries, *filmed.plan.absent]


def _ask(
    filmed: FilmedLibrary, retriever: Retriever, query: Query, sources: tuple[str, ...] | None
) -> Judged:
    moments = retriever.search(query.text, max(DEPTHS), sources=sources)
    truths = [VideoSpan(film.name, span) for film, span in filmed.spans(query)]
    values = judge(moments, truths) if truths else {}
    return Judged(query, top_score(moments, is_alone=sources is not None), values)


def judge(moments: Sequence[Moment], truths: Sequence[VideoSpan]) -> dict[str, float]:
    """Score the moments returned for one query.

    Args:
        moments: Best first; may be empty.
        truths: Every span that satisfies the query, at least one; a video is known by the name of
            its file.
    """
    made = [VideoSpan(_film_name(moment), moment.span) for moment in moments]
    values = {
        f"R@{k} IoU={iou}": vcmr_recall_at_k(made, truths, k, iou) for iou in IOUS for k in DEPTHS
    }
    found = [(_film_name(moment), leading_clip(moment)) for moment in moments[:1]]
    is_right = any(
        name == truth.video_id and is_right_clip(clip, truth.span)
        for name, clip in found
        for truth in truths
    )
    placed = max((_iou(made[0], truth) for truth in truths), default=0.0) if made else 0.0
    whole = [VideoSpan(name, clip) for name, clip in found]
    of_clip = max((_iou(clip, truth) for clip in whole for truth in truths), default=0.0)
    return {**values, RIGHT_CLIP: float(is_right), PLACED_IOU: placed, CLIP_IOU: of_clip}


def _iou(made: VideoSpan, truth: VideoSpan) -> float:
    return made.span.iou(truth.span) if made.video_id == truth.video_id else 0.0


def top_score(moments: Sequence[Moment], *, is_alone: bool) -> float:
    """Say how sure the retriever is of its first moment.

    Args:
        moments: Best first; may be empty.
        is_alone: One source was asked: its own score is taken, else the probability.
    """
    if not moments:
        return float("-inf")
    first = moments[0]
    fused = first.score if first.probability is None else first.probability
    return first.why[0].score if is_alone else fused


def _film_name(moment: Moment) -> str:
    return Path(moment.video.paths[0]).name
