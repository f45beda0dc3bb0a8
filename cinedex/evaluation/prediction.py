"""What was found for one query of a dataset."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from store.timespan import TimeSpan


@dataclass(frozen=True, slots=True)
class PredictedMoment:
    """A span with its score, and who found it.

    Attributes:
        video: The query's own as the dataset names it, another by the name of its file.
        score: Higher is better; comparable within one prediction only.
        kind: Of the evidence that matched best, ``picture`` where pictures alone did, empty where
            the predictions do not say.
        ranks: Source to the rank it gave, from 1.
    """

    video: str
    span: TimeSpan
    score: float
    kind: str = ""
    ranks: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What was answered.

    Attributes:
        text: In words; may be empty.
        choice: Number of the choice taken, from 0; ``None`` where none was.
    """

    text: str
    abstained: bool
    choice: int | None = None


@dataclass(frozen=True, slots=True)
class Prediction:
    """Everything found for one query.

    Attributes:
        moments: Best first; may be empty.
        saliency: One score for each clip of two seconds from the start; empty where not predicted.
        answer: ``None`` where nothing was asked.
        refusal: Why the query could not be put; empty unless it could not.
    """

    query_id: str
    moments: tuple[PredictedMoment, ...] = ()
    saliency: tuple[float, ...] = ()
    answer: GivenAnswer | None = None
    refusal: str = ""
