"""Where published evaluators differ from what they measure."""

from enum import StrEnum


class Quirk(StrEnum):
    """A reference's own way, which a measure follows where ``compat`` names it.

    Attributes:
        INSTANT_INSIDE: NExT-GQA gives a predicted span without length IoP 1 where it lies in a true
            span, both ends counted. Here its IoP is 0.
        ZERO_PADDED: QVHighlights gives clips without a saliency score the score 0, which is more
            than a negative one. Here such a clip is not found.
        UNCUT: QVHighlights looks for HIT@1 among scores behind the video's end too, where the best
            is a miss. Here they are cut.
        EMISSION_ORDER: Vid2Seq, TimeChat and MMDuet match captions for SODA_c in the order in which
            they were emitted. Here they are put in time order, as in the original.
        UNTIMED_EVERYWHERE: MMDuet lets a reply at time -1, from a model that gives no times, count
            in every span. Here a negative time is an error.
        PAIRWISE_SUMS: VideoMind adds up the overlaps of all pairs for CG-Bench, so that what
            overlaps counts twice. Here spans are joined first, as in CG-Bench.
        ABOVE_ONLY: VLMEvalKit asks for an IoU above the thresholds of CG-Bench. Here, and in
            VideoMind, one that equals it will do.
    """

    INSTANT_INSIDE = "instant-inside"
    ZERO_PADDED = "zero-padded"
    UNCUT = "uncut"
    EMISSION_ORDER = "emission-order"
    UNTIMED_EVERYWHERE = "untimed-everywhere"
    PAIRWISE_SUMS = "pairwise-sums"
    ABOVE_ONLY = "above-only"
