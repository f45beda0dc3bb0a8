"""How many moments are worth returning: what is found, and what an answerer then has to read."""

from collections.abc import Sequence

from benchmarks.comparison.judging import Scored, found_of, is_right
from benchmarks.comparison.material import AskedQuery, Material
from retriever.moment import Moment

COUNTS = (1, 2, 3, 5, 10, 20)


def depth_rows(materials: Sequence[Material]) -> dict[str, list[Scored]]:
    """Judge the default at every number of moments.

    Returns:
        A row for each number; its values are recall of the right clip, and words and seconds of
        the moments that were returned.
    """
    rows: dict[str, list[Scored]] = {f"k = {k}": [] for k in COUNTS}
    for material in materials:
        retriever = material.retriever()
        for query in material.queries:
            moments = retriever.moments(query.asked, max(COUNTS))
            for k in COUNTS:
                values = _values(material, query, moments[:k])
                rows[f"k = {k}"].append(Scored(query, values))
    return rows


def _values(material: Material, query: AskedQuery, moments: Sequence[Moment]) -> dict[str, float]:
    lines = [
        line for one in moments for line in material.library.evidence(one.video.video_id, one.span)
    ]
    return {
        "right clip": float(any(is_right(one, query.truths) for one in found_of(moments))),
        "words": float(sum(len(line.text.split()) for line in lines)),
        "seconds": sum(one.span.duration_seconds for one in moments),
    }
