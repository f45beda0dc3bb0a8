"""What a ranking is worth, one query at a time."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from benchmarks.comparison.material import AskedQuery, Material
from benchmarks.retrieval import leading_clip
from retriever.folding import ClipKey
from retriever.metrics.right_clip import is_right_clip
from retriever.metrics.vcmr import VideoSpan, vcmr_recall_at_k
from retriever.moment import Moment
from retriever.moments import is_suppressed
from retriever.options import SearchOptions
from store.timespan import TimeSpan

DEPTHS = (1, 5)
IOU = 0.5
DEFAULT = "the default"
R1_CLIP, R1_IOU = "R@1 clip", f"R@1 IoU={IOU}"
# Of the default's moments that lend their spans to clips that another way ranks.
PLACED = 25


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was returned.

    Attributes:
        span: What is shown to a person.
        clip: Where it is looked for.
    """

    video_id: str
    span: TimeSpan
    clip: TimeSpan


Find = Callable[[Material, AskedQuery], Sequence[Found]]


@dataclass(frozen=True, slots=True)
class Way:
    """A way to rank.

    Attributes:
        find: Returns at least the best five, best first.
        rival: The way that it is compared with.
    """

    name: str
    find: Find
    rival: str = DEFAULT


@dataclass(frozen=True, slots=True)
class Scored:
    """One query's values by measure, each in ``[0, 1]``."""

    query: AskedQuery
    values: dict[str, float]


def judge(found: Sequence[Found], truths: Sequence[VideoSpan]) -> dict[str, float]:
    """Score what was returned for one query.

    Args:
        found: Best first; may be empty.
        truths: At least one.
    """
    spans = [VideoSpan(one.video_id, one.span) for one in found]
    right = [is_right(one, truths) for one in found]
    return {f"R@{k} clip": float(any(right[:k])) for k in DEPTHS} | {
        f"R@{k} IoU={IOU}": vcmr_recall_at_k(spans, truths, k, IOU) for k in DEPTHS
    }


def is_right(found: Found, truths: Iterable[VideoSpan]) -> bool:
    """Say whether the clip is the place to look."""
    return any(
        found.video_id == truth.video_id and is_right_clip(found.clip, truth.span)
        for truth in truths
    )


def score(way: Way, materials: Sequence[Material]) -> list[Scored]:
    """Judge a way by every query of every library."""
    return [
        Scored(query, judge(way.find(material, query), query.truths))
        for material in materials
        for query in material.queries
    ]


def by_retriever(**changes: Any) -> Find:
    """Rank as the retriever does, with some of its options changed."""
    chosen = replace(SearchOptions(), **changes)

    def find(material: Material, query: AskedQuery) -> Sequence[Found]:
        return found_of(material.retriever(chosen).moments(query.asked, max(DEPTHS)))

    return find


def found_of(moments: Sequence[Moment]) -> list[Found]:
    """Return moments as what is judged."""
    return [Found(one.video.video_id, one.span, leading_clip(one)) for one in moments]


class Placer:
    """Gives the moments of ranked clips the spans that the retriever's rules place in them.

    So that another ranking of clips differs from the default in nothing but the ranking. A clip of
    which the default finds nothing is its own moment.
    """

    def __init__(self) -> None:
        self._places: dict[tuple[str, str, str], dict[tuple[str, TimeSpan], TimeSpan]] = {}

    def place(
        self, material: Material, query: AskedQuery, ranking: Iterable[ClipKey]
    ) -> list[Found]:
        """Turn clips, best first, into five moments that do not repeat each other."""
        places = self._of(material, query)
        found: list[Found] = []
        for key in ranking:
            clip = material.clips[key]
            made = Found(key[0], places.get((key[0], clip.span), clip.span), clip.span)
            rivals = [kept.span for kept in found if kept.video_id == made.video_id]
            if not is_suppressed(made.span, rivals, SearchOptions()):
                found.append(made)
            if len(found) == max(DEPTHS):
                break
        return found

    def _of(self, material: Material, query: AskedQuery) -> dict[tuple[str, TimeSpan], TimeSpan]:
        name = (material.name, query.half, query.key)
        if name not in self._places:
            keeps_all = SearchOptions(max_overlap=1.0)
            places: dict[tuple[str, TimeSpan], TimeSpan] = {}
            for one in found_of(material.retriever(keeps_all).moments(query.asked, PLACED)):
                places.setdefault((one.video_id, one.clip), one.span)
            self._places[name] = places
        return self._places[name]
