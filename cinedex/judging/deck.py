"""Moments put before a person one after the other; what was judged before is not put again.

Apart from the command that shows them, so that undoing and going on can be tested without keys.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cinedex.api import CinedexLibrary
from cinedex.judging.judged_query import JudgedQuery, judged_queries
from cinedex.judging.marking import mark_of
from retriever.moment import Moment
from store.errors import QueryError
from store.mark import Mark, Verdict
from store.records import Scope
from store.timespan import TimeSpan


@dataclass(frozen=True, slots=True)
class Card:
    """One thing to say right or wrong of.

    Attributes:
        query: As typed.
        moment: ``None`` where the search found nothing: only its absence can be said.
        number: Among those that the query has left, from 1.
        query_number: Among all queries, from 1.
    """

    query: str
    moment: Moment | None
    number: int
    query_number: int
    num_queries: int


@dataclass(frozen=True, slots=True)
class _Step:
    """What was done with a card, to go back: the mark and what it took the place of."""

    place: int
    mark: Mark | None
    replaced: tuple[Mark, ...] = ()


class Deck:
    """The cards of some queries, in order; every verdict is kept at once.

    Args:
        library: Where it is searched and kept.
        queries: In the query language.
        k: Moments of each query.
        scope: What is allowed beside the queries' filters.
    """

    def __init__(
        self, library: CinedexLibrary, queries: Sequence[str], k: int, scope: Scope
    ) -> None:
        self._library = library
        self._k = k
        self._scope = scope
        self._cards: list[Card] = []
        self._coming = self._deal(list(dict.fromkeys(query.strip() for query in queries)))
        self._place = 0
        self._steps: list[_Step] = []

    @property
    def marks(self) -> list[Mark]:
        """What was said of the cards so far, first to last."""
        return [step.mark for step in self._steps if step.mark is not None]

    @property
    def num_skipped(self) -> int:
        """Count the cards of which nothing was said."""
        return len(self._steps) - len(self.marks)

    @property
    def can_undo(self) -> bool:
        """Whether there is a card to go back to."""
        return bool(self._steps)

    def card(self) -> Card | None:
        """Return the card that is to be judged now, after a search where it is a query's first.

        ``None`` where none is left.
        """
        while self._place >= len(self._cards):
            try:
                self._cards.append(next(self._coming))
            except StopIteration:
                return None
        return self._cards[self._place]

    def judge(self, verdict: Verdict, span: TimeSpan | None = None) -> None:
        """Say right or wrong of the moment, and go on.

        Args:
            verdict: Not ``ABSENT``.
            span: What is right, where the moment's edges are not.

        Raises:
            QueryError: There is no moment, or the span is none of its video.
        """
        card = self._cards[self._place]
        if card.moment is None:
            raise QueryError("nothing was found that could be right or wrong")
        self._keep(
            mark_of(
                self._library.store,
                card.query,
                verdict,
                video=card.moment.video.video_id,
                span=span or card.moment.span,
                scope=self._scope,
                shown=card.moment.span,
            )
        )
        self._place += 1

    def say_absent(self) -> None:
        """Say that nothing satisfies the query, and go on with the next one.

        Raises:
            QueryError: Something is marked right.
        """
        query = self._cards[self._place].query
        self._keep(mark_of(self._library.store, query, Verdict.ABSENT, scope=self._scope))
        while (card := self.card()) is not None and card.query == query:
            self._place += 1

    def skip(self) -> None:
        """Say nothing of the moment, and go on; it is put again another time."""
        self._steps.append(_Step(self._place, None))
        self._place += 1

    def undo(self) -> bool:
        """Go back to the card before; what was said of it is unsaid.

        Returns:
            Whether there was one.
        """
        if not self._steps:
            return False
        step = self._steps.pop()
        if step.mark is not None:
            self._library.store.marks.remove([step.mark])
        for mark in step.replaced:
            self._library.store.marks.put(mark)
        self._place = step.place
        return True

    def _keep(self, mark: Mark) -> None:
        replaced = self._library.store.marks.put(mark)
        self._steps.append(_Step(self._place, mark, replaced))

    def _deal(self, queries: Sequence[str]) -> Iterator[Card]:
        for query_number, query in enumerate(queries, start=1):
            known = self._known(query)
            if known.is_absent:
                continue
            moments = self._library.search(query, self._k, self._scope)
            left = [one for one in moments if not known.knows(one.video.video_id, one.span)]
            nothing = () if moments or known.marks else (None,)
            for number, moment in enumerate([*left, *nothing], start=1):
                yield Card(query, moment, number, query_number, len(queries))

    def _known(self, query: str) -> JudgedQuery:
        for judged in judged_queries(self._library.store.marks.all(query)):
            if (judged.query, judged.scope) == (query, self._scope):
                return judged
        return JudgedQuery(query, self._scope)
