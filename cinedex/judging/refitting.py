"""What a library's own marks teach about how far a moment is to be believed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cinedex.judging.judged_query import JudgedQuery
from retriever.calibration import Calibration
from retriever.confidence import ConfidenceModel, fit_confidence, threshold_for
from retriever.lead import Lead
from retriever.metrics.right_clip import is_right_clip
from retriever.moment import Moment
from store.errors import QueryError
from store.mark import Verdict

LEAST_QUERIES = 10
LEAST_GAIN = 0.002  # of the squared error: less is noise
LEAST_ABSENT = 20  # under which a rate of false answers of 5% cannot be told
FOLDS = 5
PRIOR_STRENGTH = 5.0


@dataclass(frozen=True, slots=True)
class JudgedMoment:
    """A moment that a search finds today, and what was said of it.

    Attributes:
        query: Number of its query.
        is_first: It is the query's first moment.
        is_absent: Nothing answers the query.
    """

    query: int
    lead: Lead
    is_right: bool
    is_first: bool
    is_absent: bool


@dataclass(frozen=True, slots=True)
class Refit:
    """A calibration fitted to marks, beside the one that it starts from.

    Attributes:
        num_queries, num_moments, num_absent: What it was fitted to; absent ones are queries.
        brier_before, brier_after: Mean squared error of the probability on queries that were left
            out of the fit, by five folds, of the shipped calibration and of one fitted to the rest.
        keeps_thresholds: Too few queries without an answer were marked to choose thresholds anew:
            as many of the marked moments are believed as before.
    """

    calibration: Calibration
    num_queries: int
    num_moments: int
    num_absent: int
    brier_before: float
    brier_after: float
    keeps_thresholds: bool

    @property
    def is_better(self) -> bool:
        """Whether the fit tells better than what was there, on queries that it has not seen."""
        return self.brier_after < self.brier_before - LEAST_GAIN


def judged_moments(
    number: int, query: JudgedQuery, moments: Sequence[Moment]
) -> list[JudgedMoment]:
    """Match what a search finds with what was said; moments that nobody judged are left out.

    Args:
        number: Of the query.
        query: With its marks.
        moments: What a search finds for it, best first.
    """
    right, wrong = query.spans(Verdict.RIGHT), query.spans(Verdict.WRONG)
    judged = []
    for rank, moment in enumerate(moments):
        video_id = moment.video.video_id
        is_right = any(is_right_clip(moment.span, span) for span in right.get(video_id, []))
        is_wrong = query.is_absent or any(
            is_right_clip(moment.span, span) for span in wrong.get(video_id, [])
        )
        if moment.lead is not None and (is_right or is_wrong):
            judged.append(JudgedMoment(number, moment.lead, is_right, rank == 0, query.is_absent))
    return judged


def refit(judged: Sequence[JudgedMoment], before: Calibration) -> Refit:
    """Fit confidence to marks, starting from a calibration.

    Raises:
        QueryError: Too few queries were judged, or all moments alike.
    """
    if not judged:
        raise QueryError(
            "no marked moment has a probability to fit: nothing that was marked is found any more, "
            "or an encoder of this library has no calibration"
        )
    queries = sorted({moment.query for moment in judged})
    if len(queries) < LEAST_QUERIES or len({moment.is_right for moment in judged}) < 2:
        raise QueryError(
            f"moments of {len(queries)} queries are judged; at least {LEAST_QUERIES} are needed, "
            "with right ones and wrong ones among them: mark more with `cinedex judge`"
        )
    old = before.confidence
    errors_before, errors_after = [], []
    for fold in range(FOLDS):
        left_out = set(queries[fold::FOLDS])
        model = _fitted([moment for moment in judged if moment.query not in left_out], old)
        held = [moment for moment in judged if moment.query in left_out]
        errors_before += [(old.probability(one.lead) - one.is_right) ** 2 for one in held]
        errors_after += [(model.probability(one.lead) - one.is_right) ** 2 for one in held]
    model = _fitted(judged, old)
    absent = [model.probability(one.lead) for one in judged if one.is_absent and one.is_first]
    keeps_thresholds = len(absent) < LEAST_ABSENT
    leads = [one.lead for one in judged]
    firsts = [one.lead for one in judged if one.is_first]
    chosen = {
        rate: _as_many(least, firsts or leads, old, model)
        if keeps_thresholds
        else threshold_for(rate, absent)
        for rate, least in old.thresholds.items()
    }
    model = replace(model, thresholds=chosen)
    fitted_on = f"{before.fitted_on}; then {len(judged)} marked moments of {len(queries)} queries"
    return Refit(
        Calibration(before.odds, model, fitted_on),
        len(queries),
        len(judged),
        len(absent),
        sum(errors_before) / len(errors_before),
        sum(errors_after) / len(errors_after),
        keeps_thresholds,
    )


def _as_many(
    least: float, leads: Sequence[Lead], old: ConfidenceModel, new: ConfidenceModel
) -> float:
    """Choose the probability that as many moments reach as reached the old model's."""
    passed = sum(old.probability(lead) >= least for lead in leads)
    falling = sorted((new.probability(lead) for lead in leads), reverse=True)
    return falling[passed - 1] if passed else float(np.nextafter(falling[0], 2.0))


def _fitted(judged: Sequence[JudgedMoment], prior: ConfidenceModel) -> ConfidenceModel:
    bias, weights = fit_confidence(
        [one.lead for one in judged], [one.is_right for one in judged], prior, PRIOR_STRENGTH
    )
    return ConfidenceModel(bias, weights, prior.thresholds)
