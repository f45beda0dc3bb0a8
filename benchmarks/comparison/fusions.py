"""Which sources are asked, and how what they say is made one ranking."""

from dataclasses import replace
from itertools import combinations

from benchmarks.comparison.judging import DEPTHS, Find, Found, Way, by_retriever, found_of
from benchmarks.comparison.material import AskedQuery, Material
from retriever.fusion import FUSIONS
from retriever.options import CALIBRATED, SourceKind

NAMES = {
    SourceKind.LEXICAL: "lexical",
    SourceKind.TEXT: "dense text",
    SourceKind.PICTURE: "pictures",
}


def source_ways() -> list[Way]:
    """List each source, each pair, and all three."""
    choices = [chosen for size in (1, 2, 3) for chosen in combinations(NAMES, size)]
    return [Way(" + ".join(NAMES[kind] for kind in kinds), by_sources(kinds)) for kinds in choices]


def fusion_ways() -> list[Way]:
    """List every fusion at the default weights, and ranks alone at equal ones."""
    calibrated = Way(CALIBRATED, by_retriever(fusion=CALIBRATED))
    ways = [Way(f"{name}, default weights", by_retriever(fusion=name)) for name in FUSIONS]
    equal = by_retriever(fusion="rrf", lexical_weight=1.0, text_weight=1.0, picture_weight=1.0)
    return [calibrated, *ways, Way("rrf, equal weights", equal)]


def by_sources(kinds: tuple[SourceKind, ...]) -> Find:
    """Rank by some sources alone, with the default options."""

    def find(material: Material, query: AskedQuery) -> list[Found]:
        results = tuple(one for one in query.asked.results if one.source.kind in kinds)
        asked = replace(query.asked, results=results)
        return found_of(material.retriever().moments(asked, max(DEPTHS)))

    return find
