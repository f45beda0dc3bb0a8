"""The queries of a dataset put to a library, one after the other."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase
from typing import Protocol

from cinedex.datasets.query import DatasetQuery
from cinedex.evaluation.indexed_videos import IndexedVideos
from cinedex.evaluation.prediction import GivenAnswer, PredictedMoment, Prediction
from reasoner.answer import Answer, GroundedSpan
from reasoner.choice import Choice
from reasoner.interfaces import MomentSource
from reasoner.metrics.saliency import CLIP_SECONDS
from retriever.moment import Moment
from retriever.narrowing import narrowed
from retriever.search_plan import SearchPlan
from store.errors import MediaError, QueryError, UnknownNameError
from store.records import Scope, Video
from store.timespan import TimeSpan

PICTURE = "picture"


class Asker(Protocol):
    """Answers questions; a chain is one."""

    def ask(self, question: str, scope: Scope, *, choices: Sequence[str]) -> Answer:
        """Answer from what is in scope, by one of the choices where there are any, or abstain."""


@dataclass(frozen=True, slots=True)
class Runner:
    """Puts queries to a library.

    Attributes:
        plan: Reads a query that was typed in the query language.
        k: Moments that are predicted for a query.
        is_corpus: Search the whole library, though the dataset names a video.
        asker: Answers the queries; ``None``: they are searched for.
    """

    videos: IndexedVideos
    retriever: MomentSource
    plan: Callable[[str, Scope], SearchPlan]
    k: int
    is_corpus: bool = False
    asker: Asker | None = None

    def is_indexed(self, query: DatasetQuery) -> bool:
        """Say whether the library holds what a query is about.

        Raises:
            DatasetError: Several of its videos have that name.
        """
        return query.video is None or self.videos.find(query.video) is not None

    def predict(self, query: DatasetQuery) -> Prediction:
        """Predict for a query whose video is indexed."""
        try:
            moments, answer = self._found(query)
        except (QueryError, UnknownNameError, MediaError) as error:
            return Prediction(query.query_id, refusal=str(error))
        return Prediction(query.query_id, moments, saliency_of(moments, query), answer)

    def _found(self, query: DatasetQuery) -> tuple[tuple[PredictedMoment, ...], GivenAnswer | None]:
        scope = self._scope(query)
        if self.asker is None:
            moments = self._search(query, scope)
            return tuple(self._of_moment(moment, query) for moment in moments), None
        answer = self.asker.ask(query.text, scope, choices=query.choices)
        spans = answer.spans[: self.k]
        choice = None if answer.choice is None else number_of(answer.choice)
        given = GivenAnswer(answer.text, answer.abstained, choice)
        return tuple(self._of_span(span, answer.moments, query) for span in spans), given

    def _search(self, query: DatasetQuery, scope: Scope) -> list[Moment]:
        if query.scope is None:
            return self.retriever.search(query.text, k=self.k, scope=scope)
        plan = self.plan(query.text, scope)
        if plan.emptied_by:
            return []
        return self.retriever.search(plan.text, k=self.k, scope=plan.scope)

    def _scope(self, query: DatasetQuery) -> Scope:
        asked = query.scope or Scope()
        if self.is_corpus or query.video is None:
            return asked
        video = self.videos.find(query.video)
        return narrowed(asked, Scope(video_ids=() if video is None else (video.video_id,))).scope

    def _name(self, video: Video, query: DatasetQuery) -> str:
        """Call the videos that the dataset names as it does, another by the name of its file."""
        for name in filter(None, (query.video, *query.elsewhere)):
            own = self.videos.find(name)
            if own is not None and own.video_id == video.video_id:
                return name
        return Path(video.path).name

    def _of_moment(self, moment: Moment, query: DatasetQuery) -> PredictedMoment:
        return PredictedMoment(
            self._name(moment.video, query),
            moment.span,
            moment.score,
            str(moment.evidence[0].kind) if moment.evidence else PICTURE,
            {said.source: said.rank for said in moment.why},
        )

    def _of_span(
        self, span: GroundedSpan, moments: Sequence[Moment], query: DatasetQuery
    ) -> PredictedMoment:
        """Take a grounded span, with what found the moment that it lies in most."""
        probability = span.yes_probability
        inside = max(
            (moment for moment in moments if moment.video.video_id == span.video.video_id),
            key=lambda moment: moment.span.shared_seconds(span.span),
            default=None,
        )
        return PredictedMoment(
            self._name(span.video, query),
            span.span,
            span.confidence if probability is None else probability,
            str(span.evidence[0].kind) if span.evidence else PICTURE,
            {} if inside is None else {said.source: said.rank for said in inside.why},
        )


def number_of(choice: Choice) -> int:
    """Return the number of a choice from 0: letters are given in order."""
    return ascii_uppercase.index(choice.letter)


def saliency_of(moments: Iterable[PredictedMoment], query: DatasetQuery) -> tuple[float, ...]:
    """Score the clips of a video that annotators rated: by the best moment over their middle.

    Clips in no moment score 0, or a nat less than the worst moment where that is not above 0:
    scores of calibrated evidence may be negative.

    Returns:
        One for each clip; empty where nobody rated any.
    """
    if query.ratings is None:
        return ()
    clips = [
        TimeSpan(number * CLIP_SECONDS, (number + 1) * CLIP_SECONDS)
        for number in range(len(query.ratings))
    ]
    found = [moment for moment in moments if moment.video == query.video]
    worst = min((moment.score for moment in found), default=1.0)
    nothing = 0.0 if worst > 0 else worst - 1.0
    return tuple(
        max(
            (moment.score for moment in found if moment.span.contains(clip.middle_seconds)),
            default=nothing,
        )
        for clip in clips
    )
