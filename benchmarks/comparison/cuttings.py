"""Windows of fixed lengths against our own cuts, for folded lines and for joint documents."""

from collections.abc import Sequence

from benchmarks.comparison.joint import Joint
from benchmarks.comparison.judging import Found, Scored, by_retriever, judge
from benchmarks.comparison.material import Material
from benchmarks.comparison.shelf import Cutting, recut

LENGTHS_SECONDS = (5.0, 10.0, 20.0, 30.0)
OVERLAPS = (0.0, 0.5)
OURS = "our cuts"


def cutting_rows(
    materials: Sequence[Material], joint: Joint
) -> tuple[dict[str, list[Scored]], dict[str, dict[str, float]]]:
    """Judge every cutting.

    Returns:
        Name of the row to its queries, and facts of each cutting: mean length and number of clips.
    """
    made, facts = _judged(OURS, materials, joint)
    rows, kept = dict(made), {OURS: facts}
    for overlap in OVERLAPS:
        for length in LENGTHS_SECONDS:
            cutting = Cutting(length, overlap)
            name = f"{length:g} s, {overlap:.0%} overlap"
            made, kept[name] = _judged(name, [recut(one, cutting) for one in materials], joint)
            rows |= made
    return rows, kept


def _judged(
    name: str, materials: Sequence[Material], joint: Joint
) -> tuple[dict[str, list[Scored]], dict[str, float]]:
    finds = {"folded lines": by_retriever(), "joint document": joint.placed(joint.by_document)}
    rows: dict[str, list[Scored]] = {}
    for how, find in finds.items():
        found = [
            (query, find(material, query)) for material in materials for query in material.queries
        ]
        rows[f"{name}: {how}"] = [Scored(query, judge(one, query.truths)) for query, one in found]
        rows[f"{name}: {how}, the whole clip shown"] = [
            Scored(query, judge(_whole(one), query.truths)) for query, one in found
        ]
    lengths = [clip.span.duration_seconds for one in materials for clip in one.clips.values()]
    return rows, {"mean_seconds": sum(lengths) / len(lengths), "clips": float(len(lengths))}


def _whole(found: Sequence[Found]) -> list[Found]:
    """Return the clips instead of the spans that were placed in them."""
    return [Found(one.video_id, one.clip, one.clip) for one in found]
