"""Windows of fixed lengths against our own cuts, for folded lines and for joint documents."""

from collections.abc import Sequence
from typing import Any

from benchmarks.comparison.joint import Joint
from benchmarks.comparison.judging import Find, Found, Scored, Way, by_retriever, score
from benchmarks.comparison.material import AskedQuery, Material
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
    by_lines, by_document = by_retriever(), joint.placed(joint.by_document)
    finds = {
        "folded lines": by_lines,
        "folded lines, the whole clip shown": _whole(by_lines),
        "joint document": by_document,
        "joint document, the whole clip shown": _whole(by_document),
    }
    rows = {f"{name}: {how}": score(Way(name, find), materials) for how, find in finds.items()}
    lengths = [clip.span.duration_seconds for one in materials for clip in one.clips.values()]
    return rows, {"mean_seconds": sum(lengths) / len(lengths), "clips": float(len(lengths))}


def _whole(find: Find) -> Find:
    """Return the clips instead of the spans that were placed in them."""

    def found(material: Material, query: AskedQuery) -> list[Found]:
        return [Found(one.video_id, one.clip, one.clip) for one in find(material, query)]

    return found


def facts_as_rows(facts: dict[str, dict[str, float]]) -> list[dict[str, Any]]:
    """Lay out the facts of all cuttings."""
    return [
        {"cutting": name, "mean_seconds": round(one["mean_seconds"], 2), "clips": int(one["clips"])}
        for name, one in facts.items()
    ]
