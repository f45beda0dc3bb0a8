"""Fit how sources are fused and how far a moment is believed, on the halves for tuning.

    python -m benchmarks.calibration --sample LIBRARY [--footage FOLDER]

Writes ``retriever/calibration.toml``. The films are those of ``benchmarks.needle`` (rendered and
indexed where they are not there yet), tuning half only, and the sample film's tuning queries. What
is written is measured on the other halves by ``benchmarks.needle`` and ``benchmarks.abstention``.

Fusion is fitted first: a multinomial logit over the clips that any source found, with one slope for
both spaces of one encoder, an offset for each kind of evidence (speech and subtitles have none) and
a weight for words in common. Confidence is fitted to the moments that this fusion then returns:
whether the leading clip of each is right; those of a query that nothing answers are wrong.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from benchmarks.judged_queries import JudgedLibrary, JudgedQuery, judged_libraries
from benchmarks.needle.places import add_places
from retriever.calibration import Calibration, write_calibration
from retriever.confidence import ConfidenceModel, fit_confidence, threshold_for
from retriever.folding import clip_key
from retriever.found import Asked
from retriever.lead import Lead
from retriever.lexical import word_shares
from retriever.odds import PICTURE, OddsModel, SpaceOdds
from retriever.search import Retriever
from store.records import EvidenceKind

FITTED_ON = "tuning halves of benchmarks.needle (seeds 0 to 2) and of the sample film's queries"
PLACE = Path(__file__).parents[1] / "retriever" / "calibration.toml"
GROUPS: dict[str, int] = {
    EvidenceKind.SPEECH: 0,
    EvidenceKind.SUBTITLE: 0,
    EvidenceKind.SOUND: 0,
    EvidenceKind.MUSIC: 0,
    EvidenceKind.SCREEN_TEXT: 1,
    EvidenceKind.TAG: 2,
    EvidenceKind.CAPTION: 2,
    PICTURE: 3,
}
NUM_GROUPS = 4
SHRINKAGE = 1e-4
FALSE_ANSWER_RATES = (0.05, 0.1, 0.2, 0.3)
NUM_MOMENTS = 5
DIGITS = 3
NEVER = -1e3  # nats of a group that said nothing of a clip


@dataclass(frozen=True, slots=True)
class Example:
    """One query's clips.

    Attributes:
        cosines: ``(S, G)``, the best of each group of evidence; NaN where there is none.
        shares: ``(S,)``, of the query's words.
        are_right: ``(S,)``.
    """

    cosines: NDArray[np.float64]
    shares: NDArray[np.float64]
    are_right: NDArray[np.bool_]


def main() -> None:
    """Fit and write the calibration."""
    arguments = _arguments()
    libraries = list(judged_libraries(arguments.sample, arguments.footage, arguments.cache))
    asked = [
        (library, query, library.retriever.ask(query.text))
        for library in libraries
        for query in library.queries
        if query.is_tuning
    ]
    odds = fit_odds([example for each in asked for example in _examples(*each)], asked[0][2])
    print(odds, flush=True)
    confidence = fit_moments(odds, asked)
    print(confidence)
    PLACE.write_text(write_calibration(Calibration(odds, confidence, FITTED_ON)), "utf-8")


def fit_odds(examples: Sequence[Example], asked: Asked) -> OddsModel:
    """Fit slope, offsets and the weight of words.

    Args:
        examples: At least one.
        asked: Any answer of the sources: its spaces are what is fitted.
    """
    start = np.array([20.0, -1.0, -1.0, -1.0, 1.0])
    found = minimize(_loss, start, args=(examples,), method="L-BFGS-B")
    slope, *offsets, words = (round(float(value), DIGITS) for value in found.x)
    by_group = [0.0, *offsets]
    names = {str(kind): by_group[group] for kind, group in GROUPS.items() if group}
    spaces = {
        source.space.space_id: SpaceOdds(
            slope,
            {kind: nats for kind, nats in names.items() if (kind == PICTURE) == is_picture},
        )
        for source in asked.sources
        if source.space is not None
        for is_picture in [source.space.embeds == PICTURE]
    }
    return OddsModel(spaces, words)


def fit_moments(
    odds: OddsModel, asked: Sequence[tuple[JudgedLibrary, JudgedQuery, Asked]]
) -> ConfidenceModel:
    """Fit confidence to what calibrated fusion returns, and choose thresholds."""
    unfitted = ConfidenceModel(0.0, (0.0, 0.0, 0.0), {})
    leads: list[Lead] = []
    are_right: list[bool] = []
    first_of_absent: list[Lead] = []
    for library, query, answers in asked:
        calibrated = Retriever(
            library.store, {}, calibration=Calibration(odds, unfitted, FITTED_ON)
        )
        moments = calibrated.moments(answers, NUM_MOMENTS)
        made = [(moment, moment.lead) for moment in moments if moment.lead is not None]
        leads += [lead for _, lead in made]
        are_right += [library.is_right(query, moment) for moment, _ in made]
        if query.is_absent:
            first_of_absent += [lead for _, lead in made[:1]]
    bias, weights = fit_confidence(leads, are_right)
    score, margin, gap = (round(weight, DIGITS) for weight in weights)
    model = ConfidenceModel(round(bias, DIGITS), (score, margin, gap), {})
    absent = [model.probability(lead) for lead in first_of_absent]
    thresholds = {
        rate: round(threshold_for(rate, absent), DIGITS + 1) for rate in FALSE_ANSWER_RATES
    }
    return replace(model, thresholds=thresholds)


def _examples(library: JudgedLibrary, query: JudgedQuery, asked: Asked) -> Iterator[Example]:
    """Lay out a query's clips, unless no source found a right one."""
    lexical = [hit for each in asked.results if each.source.space is None for hit in each.hits]
    shares = word_shares(asked.words, lexical)
    rows: dict[tuple[str, int], tuple[list[float], float, bool]] = {}
    for result in asked.results:
        for hit in result.hits:
            empty = ([float("nan")] * NUM_GROUPS, 0.0, library.is_right_clip(query, hit.clip))
            cosines, share, is_right = rows.get(clip_key(hit.clip), empty)
            if result.source.space is not None:
                group = GROUPS[str(hit.evidence.kind) if hit.evidence else PICTURE]
                cosines[group] = float(np.fmax(cosines[group], hit.score))
            elif hit.evidence is not None:
                share = max(share, shares.get(hit.evidence.evidence_id, 0.0))
            rows[clip_key(hit.clip)] = (cosines, share, is_right)
    are_right = np.array([is_right for _, _, is_right in rows.values()])
    if are_right.any():
        cosines_of_all = np.array([cosines for cosines, _, _ in rows.values()])
        yield Example(cosines_of_all, np.array([share for _, share, _ in rows.values()]), are_right)


def _loss(weights: NDArray[np.float64], examples: Sequence[Example]) -> float:
    """Mean negative log-likelihood, with a little shrinkage."""
    slope, words = weights[0], weights[-1]
    offsets = np.array([0.0, *weights[1:-1]])
    total = 0.0
    for example in examples:
        parts = slope * example.cosines + offsets
        nats = np.logaddexp.reduce(np.where(np.isnan(parts), NEVER, parts), axis=1)
        said = nats > NEVER / 2
        nats = np.where(said, nats, nats[said].min()) + words * example.shares
        total -= np.logaddexp.reduce(nats[example.are_right]) - np.logaddexp.reduce(nats)
    return float(total / len(examples) + SHRINKAGE * np.square(weights).sum())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Fit fusion and confidence on tuning halves.")
    add_places(parser)
    parser.add_argument("--sample", type=Path, required=True, help="library of the sample film")
    return parser.parse_args()


if __name__ == "__main__":
    main()
