"""One query of a dataset, whatever file it came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from store.records import Scope
from store.timespan import TimeSpan


@dataclass(frozen=True, slots=True)
class DatasetQuery:
    """What is asked, and what is true.

    Attributes:
        query_id: Unique in its dataset.
        text: A query or a question.
        video: As the dataset names it, the name or stem of a file; ``None`` where it is asked of a
            whole library.
        spans: All that satisfy it; empty where nothing does, ``None`` where the dataset says
            nothing of spans.
        choices: Possible answers of a question; empty where there are none to choose from.
        answer: Number of the right choice from 0.
        ratings: ``(S, A)`` of all clips of two seconds by ``A`` annotators, 0 to 4.
        answers: Wordings that are right for a question without choices; empty where none is known.
        elsewhere: What satisfies it in other videos than its own, by their names; it counts where
            the whole library is searched.
        scope: Where it was asked; its text is then in the query language. ``None``: it is plain
            text, asked anywhere.
    """

    query_id: str
    text: str
    video: str | None = None
    spans: tuple[TimeSpan, ...] | None = None
    choices: tuple[str, ...] = ()
    answer: int | None = None
    ratings: NDArray[np.int64] | None = field(default=None, compare=False)
    answers: tuple[str, ...] = ()
    elsewhere: Mapping[str, tuple[TimeSpan, ...]] = field(default_factory=dict)
    scope: Scope | None = None

    @property
    def truths(self) -> dict[str, tuple[TimeSpan, ...]]:
        """All that is known to satisfy it, by the names of the videos; its own comes first."""
        own = {self.video: self.spans} if self.video is not None and self.spans else {}
        return {**own, **self.elsewhere}
