"""Which measures a dataset is reported with: the field's usual set for each format."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from cinedex.datasets.query import DatasetQuery
from cinedex.evaluation.answer_failures import said_in_words
from cinedex.evaluation.prediction import Prediction
from reasoner.metrics.acc_gqa import acc_at_gqa
from reasoner.metrics.answer_f1 import answer_f1
from reasoner.metrics.exact_match import exact_match
from reasoner.metrics.f1_gqa import f1_at_gqa
from reasoner.metrics.grounded_answer import GroundedAnswer
from reasoner.metrics.hit_at_1 import hit_at_1
from reasoner.metrics.hl_map import highlight_ap
from reasoner.metrics.iop_at import iop_at
from reasoner.metrics.length_range import LENGTH_RANGES
from reasoner.metrics.miop import first_iop
from reasoner.metrics.miou import first_iou
from reasoner.metrics.mr_map import MR_IOUS, ScoredSpan, average_precisions
from reasoner.metrics.recall_at_iou import recall_at_iou
from retriever.metrics.success import success_at_k
from retriever.metrics.vcmr import VideoSpan, vcmr_recall_at_k
from store.timespan import TimeSpan

CORPUS_DEPTHS = (1, 5, 10)
CORPUS_IOUS = (0.5, 0.7)


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a report, query by query.

    Attributes:
        name: As in papers.
        applies: Whether enough is known of a query to score it.
        score: Of a prediction, in ``[0, 1]``; one without moments or answer is a miss.
    """

    name: str
    applies: Callable[[DatasetQuery], bool]
    score: Callable[[Prediction, DatasetQuery], float]


def measures_for(format_name: str, *, is_corpus: bool, has_answers: bool) -> tuple[Measure, ...]:
    """List what a dataset is reported with.

    Args:
        format_name: One of ``cinedex.datasets.formats.READERS``.
        is_corpus: The whole library was searched for every query.
        has_answers: Questions were asked, so that answers are measured too.
    """
    grounding = CORPUS if is_corpus else GROUNDING[format_name]
    return (*grounding, *(ANSWERS if has_answers else ()))


def truths_of(query: DatasetQuery) -> tuple[TimeSpan, ...]:
    """Return the true spans of a query to which a measure of spans applies."""
    return query.spans or ()


def spans_of(prediction: Prediction) -> list[TimeSpan]:
    """Return the predicted spans, best first."""
    return [moment.span for moment in prediction.moments]


def _has_spans(query: DatasetQuery) -> bool:
    return bool(query.spans)


def _of_spans(
    name: str, score: Callable[[Sequence[TimeSpan], Sequence[TimeSpan]], float]
) -> Measure:
    return Measure(
        name, _has_spans, lambda prediction, query: score(spans_of(prediction), truths_of(query))
    )


def _recall(k: int, iou: float, name: str = "") -> Measure:
    return _of_spans(name or f"R{k}@{iou}", partial(recall_at_iou, k=k, iou=iou))


def _mr_map(name: str, ious: Sequence[float] = MR_IOUS, lengths: str = "") -> Measure:
    def kept(query: DatasetQuery) -> Sequence[TimeSpan]:
        truths = truths_of(query)
        return LENGTH_RANGES[lengths].keep(truths) if lengths else truths

    def score(prediction: Prediction, query: DatasetQuery) -> float:
        scored = [ScoredSpan(moment.span, moment.score) for moment in prediction.moments]
        return float(average_precisions(scored, kept(query), ious).mean())

    return Measure(name, lambda query: bool(kept(query)), score)


def _of_salience(name: str, score: Callable[..., float]) -> Measure:
    return Measure(
        name,
        lambda query: query.ratings is not None,
        lambda prediction, query: score(prediction.saliency, query.ratings),
    )


def _vcmr(k: int, iou: float) -> Measure:
    def score(prediction: Prediction, query: DatasetQuery) -> float:
        found = [VideoSpan(moment.video, moment.span) for moment in prediction.moments]
        truths = [VideoSpan(name, span) for name, found in query.truths.items() for span in found]
        return vcmr_recall_at_k(found, truths, k, iou)

    return Measure(f"VCMR R{k}@{iou}", _has_spans, score)


def _video_recall(k: int) -> Measure:
    def score(prediction: Prediction, query: DatasetQuery) -> float:
        distinct = list(dict.fromkeys(moment.video for moment in prediction.moments))
        return success_at_k(distinct, {query.video, *query.elsewhere}, k)

    return Measure(f"VR R{k}", lambda query: query.video is not None, score)


def _is_right(prediction: Prediction, query: DatasetQuery) -> bool:
    return prediction.answer is not None and prediction.answer.choice == query.answer


def _grounded_and_right(prediction: Prediction, query: DatasetQuery) -> float:
    """Score Acc@GQA; a moment in a video where nothing is true proves nothing."""
    return _acc_at_gqa(prediction, query, is_right=_is_right(prediction, query))


def _acc_at_gqa(prediction: Prediction, query: DatasetQuery, *, is_right: bool) -> float:
    spans, truths = _proofs(prediction, query)
    return acc_at_gqa(GroundedAnswer(is_right, spans), truths)


def _proofs(
    prediction: Prediction, query: DatasetQuery
) -> tuple[tuple[TimeSpan, ...], tuple[TimeSpan, ...]]:
    """Return the first moment, and what is true in its video; no moment where nothing is."""
    for moment in prediction.moments[:1]:
        if moment.video in query.truths:
            return (moment.span,), query.truths[moment.video]
    return (), truths_of(query)


def _exact(prediction: Prediction, query: DatasetQuery) -> float:
    return exact_match(said_in_words(prediction), query.answers)


def _f1(prediction: Prediction, query: DatasetQuery) -> float:
    return answer_f1(said_in_words(prediction), query.answers)


def _grounded_f1(prediction: Prediction, query: DatasetQuery) -> float:
    return f1_at_gqa(_f1(prediction, query), *_proofs(prediction, query))


def _has_wording(query: DatasetQuery) -> bool:
    return bool(query.answers)


def _has_choice(query: DatasetQuery) -> bool:
    return query.answer is not None


_PLAIN = (
    *(_recall(1, iou) for iou in (0.3, 0.5, 0.7)),
    *(_recall(5, iou) for iou in (0.5, 0.7)),
    _of_spans("mIoU", first_iou),
)
_HIGHLIGHTS = (
    *(_recall(1, iou) for iou in (0.5, 0.7)),
    _of_spans("mIoU", first_iou),
    _mr_map("MR-mAP"),
    *(_mr_map(f"MR-mAP@{iou}", (iou,)) for iou in (0.5, 0.75)),
    *(_mr_map(f"MR-mAP {lengths}", lengths=lengths) for lengths in LENGTH_RANGES),
    _of_salience("HL-mAP", highlight_ap),
    _of_salience("HIT@1", hit_at_1),
)
_QUESTIONS = (
    _of_spans("mIoP", first_iop),
    *(_of_spans(f"IoP@{iop}", partial(iop_at, iop=iop)) for iop in (0.3, 0.5)),
    _of_spans("mIoU", first_iou),
    *(_recall(1, iou, f"IoU@{iou}") for iou in (0.3, 0.5)),
)
GROUNDING: Mapping[str, tuple[Measure, ...]] = {
    "qvhighlights": _HIGHLIGHTS,
    "charades": _PLAIN,
    "activitynet": _PLAIN,
    "nextgqa": _QUESTIONS,
    "tvqa": _PLAIN,
    "tvqa-long": (),
    "own": _PLAIN,
}
CORPUS = (
    *(_vcmr(k, iou) for iou in CORPUS_IOUS for k in CORPUS_DEPTHS),
    *map(_video_recall, CORPUS_DEPTHS),
)
ANSWERS = (
    Measure("Acc@QA", _has_choice, lambda made, query: float(_is_right(made, query))),
    Measure("Acc@GQA", lambda query: _has_choice(query) and _has_spans(query), _grounded_and_right),
    Measure("EM", _has_wording, _exact),
    Measure("F1", _has_wording, _f1),
    Measure(
        "EM@GQA",
        lambda query: _has_wording(query) and _has_spans(query),
        lambda made, query: _acc_at_gqa(made, query, is_right=_exact(made, query) == 1.0),
    ),
    Measure("F1@GQA", lambda query: _has_wording(query) and _has_spans(query), _grounded_f1),
    Measure(
        "answered",
        lambda query: query.spans != (),
        lambda made, _: float(made.answer is not None and not made.answer.abstained),
    ),
    Measure(
        "abstained",
        lambda query: query.spans == (),
        lambda made, _: float(made.answer is not None and made.answer.abstained),
    ),
)
"""``answered``: of the questions that have an answer; ``abstained``: of those that have none."""
