"""What may be ranked: numbers, and nothing that only looks like one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reasoner.answer import Fallback, GroundedSpan, Role


@dataclass(frozen=True, slots=True)
class Ranked:
    """Spans that a role left usable, in its order, and what had to be done about the others."""

    spans: tuple[GroundedSpan, ...]
    fallbacks: tuple[Fallback, ...] = ()


def grounded(spans: Sequence[GroundedSpan]) -> Ranked:
    """Leave out spans whose confidence is no number, for the reason that they give if any."""
    kept = tuple(span for span in spans if math.isfinite(span.confidence))
    reasons = dict.fromkeys(span.fallback for span in spans if span.fallback)
    told = tuple(Fallback(Role.GROUNDER, reason) for reason in reasons)
    untold = sum(not math.isfinite(span.confidence) and not span.fallback for span in spans)
    return Ranked(kept, told + _left_out(Role.GROUNDER, "confidence", untold))


def verified(before: Sequence[GroundedSpan], after: Sequence[GroundedSpan]) -> Ranked:
    """Leave out spans whose probability is no number; keep the grounder's order if none is left.

    Args:
        before: What the verifier was given, best first.
        after: What it returned, best first.
    """
    kept = tuple(
        span
        for span in after
        if span.yes_probability is not None and math.isfinite(span.yes_probability)
    )
    if before and not kept:
        reason = "no span has a probability; the grounder's order is kept"
        return Ranked(tuple(before), (Fallback(Role.VERIFIER, reason),))
    return Ranked(kept, _left_out(Role.VERIFIER, "yes probability", len(after) - len(kept)))


def _left_out(role: Role, what: str, count: int) -> tuple[Fallback, ...]:
    if count == 0:
        return ()
    return (Fallback(role, f"{count} span(s) left out: the {what} is not a number"),)
