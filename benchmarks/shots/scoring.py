"""How well reported cuts meet true ones.

A hard cut is met within 0.1 seconds, that is two frames. A dissolve or fade is met by an instant on
it or within half a second of its ends. True and reported cuts are matched one to one: a second
report on the same fade is a false alarm.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.shots.composing import TrueCut

HARD_TOLERANCE_SECONDS = 0.1
GRADUAL_TOLERANCE_SECONDS = 0.5
KINDS = ("hard", "dissolve", "fade")
ROUNDING_SECONDS = 1e-6


@dataclass(frozen=True, slots=True)
class Matching:
    """What met what in one film.

    Attributes:
        met: True cuts with the instant that met them.
        missed: True cuts that nothing met.
        false_seconds: Reported instants that met nothing.
    """

    met: tuple[tuple[TrueCut, float], ...]
    missed: tuple[TrueCut, ...]
    false_seconds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """Several films' matchings in figures.

    Attributes:
        recall_by_kind: Share of the true cuts of each kind that were met. A false alarm is of no
            kind, so precision is of all kinds together.
        error_seconds_by_kind: Mean distance from the cut, or from the middle of a gradual one.
    """

    f1: float
    precision: float
    recall: float
    recall_by_kind: dict[str, float]
    error_seconds_by_kind: dict[str, float]
    num_true: int
    num_false: int


def match(truth: Sequence[TrueCut], reported_seconds: Sequence[float]) -> Matching:
    """Match each true cut to the nearest report in reach; hard cuts, with less reach, go first."""
    left = sorted(reported_seconds)
    met, missed = [], []
    for cut in sorted(truth, key=lambda cut: (cut.kind != "hard", cut.start_seconds)):
        middle = (cut.start_seconds + cut.end_seconds) / 2
        within = [seconds for seconds in left if _is_in_reach(cut, seconds)]
        if not within:
            missed.append(cut)
            continue
        best = min(within, key=lambda seconds: abs(seconds - middle))
        left.remove(best)
        met.append((cut, best))
    return Matching(tuple(met), tuple(missed), tuple(left))


def score(matchings: Sequence[Matching]) -> Score:
    """Put figures on several films together."""
    met = [pair for matching in matchings for pair in matching.met]
    missed = [cut for matching in matchings for cut in matching.missed]
    num_false = sum(len(matching.false_seconds) for matching in matchings)
    recalls, errors = {}, {}
    for kind in KINDS:
        found = [(cut, seconds) for cut, seconds in met if cut.kind == kind]
        lost = sum(cut.kind == kind for cut in missed)
        if found or lost:
            recalls[kind] = len(found) / (len(found) + lost)
        if found:
            distances = [abs(at - (cut.start_seconds + cut.end_seconds) / 2) for cut, at in found]
            errors[kind] = sum(distances) / len(distances)
    return Score(
        f1=2 * len(met) / max(1, 2 * len(met) + len(missed) + num_false),
        precision=len(met) / max(1, len(met) + num_false),
        recall=len(met) / max(1, len(met) + len(missed)),
        recall_by_kind=recalls,
        error_seconds_by_kind=errors,
        num_true=len(met) + len(missed),
        num_false=num_false,
    )


def _is_in_reach(cut: TrueCut, seconds: float) -> bool:
    reach = HARD_TOLERANCE_SECONDS if cut.kind == "hard" else GRADUAL_TOLERANCE_SECONDS
    reach += ROUNDING_SECONDS
    return cut.start_seconds - reach <= seconds <= cut.end_seconds + reach
