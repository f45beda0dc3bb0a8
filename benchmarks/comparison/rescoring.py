"""Lines of text scored another way: by another encoder, or by their tokens."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.comparison.encodings import Encodings
from benchmarks.comparison.judging import DEPTHS, Find, Found, Way, found_of
from benchmarks.comparison.material import AskedQuery, Material
from benchmarks.comparison.tokens import MiniLmTokens, max_sim
from retriever.options import SearchOptions, SourceKind
from retriever.source import SourceHits
from store.records import Hit

NUM_RERANKED = 20
NUM_TIMED = 40
MILLISECONDS = 1000.0
_BOTH = (True, False)

Rescore = Callable[[Material, AskedQuery, SourceHits], Sequence[Hit]]


def rescored(rescore: Rescore, *, is_alone: bool) -> Find:
    """Rank with other scores of the dense text source.

    Args:
        rescore: Returns that source's hits anew, best first.
        is_alone: Leave out lexical search and pictures.
    """

    def find(material: Material, query: AskedQuery) -> list[Found]:
        results = tuple(
            replace(one, hits=tuple(rescore(material, query, one)))
            if one.source.kind is SourceKind.TEXT
            else one
            for one in query.asked.results
            if one.source.kind is SourceKind.TEXT or not is_alone
        )
        # Scaled within a result, so that no encoder's scale tells.
        retriever = material.retriever(SearchOptions(fusion="minmax"))
        return found_of(retriever.moments(replace(query.asked, results=results), max(DEPTHS)))

    return find


class AnotherEncoder:
    """Scores every embedded line by another encoder.

    Args:
        queries: Vectors of queries.
        lines: Vectors of what is indexed.
    """

    def __init__(self, queries: Encodings, lines: Encodings) -> None:
        self._queries = queries
        self._lines = lines
        self._indexed: dict[str, tuple[list[Hit], NDArray[np.float32]]] = {}

    def __call__(self, material: Material, query: AskedQuery, said: SourceHits) -> list[Hit]:
        """Return as many hits as the source had."""
        if material.name not in self._indexed:
            hits = embedded_lines(material)
            texts = [hit.evidence.text for hit in hits if hit.evidence is not None]
            self._indexed[material.name] = (hits, self._lines.of(texts))
            self._queries.of([one.asked.words.text for one in material.queries])
        hits, rows = self._indexed[material.name]
        scores = rows @ self._queries.of([query.asked.words.text])[0]
        best = np.argsort(-scores, kind="stable")[: len(said.hits)]
        return [replace(hits[place], score=float(scores[place])) for place in best]


def embedded_lines(material: Material) -> list[Hit]:
    """List the lines that have a vector, as hits without a score."""
    hits = []
    for whole in material.videos.values():
        lines = {line.evidence_id: line for line in whole.evidence}
        for one in whole.embeddings:
            if one.evidence_id is not None:
                line = lines[one.evidence_id]
                hits.append(Hit(whole.clips[one.clip_ordinal], line.span, 0.0, line))
    return hits


class LateInteraction:
    """Scores the best lines anew by their tokens.

    Args:
        tokens: Of queries and lines.
        cosine_share: Of the cosine in the new score; the rest is MaxSim's.
        states: Of texts that are known already; it grows.
    """

    def __init__(
        self,
        tokens: MiniLmTokens,
        cosine_share: float,
        states: dict[str, NDArray[np.float32]],
    ) -> None:
        self._tokens = tokens
        self._cosine_share = cosine_share
        self._states = states

    def __call__(self, material: Material, query: AskedQuery, said: SourceHits) -> list[Hit]:
        """Return all hits; those that are not looked at keep their order behind the others."""
        states = self._states_of(query.asked.words.text)
        scores = []
        for hit in said.hits[:NUM_RERANKED]:
            similarity = max_sim(states, self._states_of(hit.evidence.text if hit.evidence else ""))
            scores.append(self._cosine_share * (hit.score - similarity) + similarity)
        return reordered(said.hits, scores)

    def _states_of(self, text: str) -> NDArray[np.float32]:
        if text not in self._states:
            self._states[text] = self._tokens.states(text)
        return self._states[text]


def reordered(hits: Sequence[Hit], scores: Sequence[float]) -> list[Hit]:
    """Give the first hits new scores, and move those behind as far as the last of them went.

    Args:
        hits: Best first.
        scores: Of the first so many, at least one where there is a hit.
    """
    if not hits:
        return []
    looked_at, behind = hits[: len(scores)], hits[len(scores) :]
    anew = [replace(hit, score=score) for hit, score in zip(looked_at, scores, strict=True)]
    moved = min(scores) - looked_at[-1].score
    return [
        *sorted(anew, key=lambda hit: -hit.score),
        *(replace(hit, score=hit.score + moved) for hit in behind),
    ]


def cosine_ways() -> list[Way]:
    """List what other scores are compared with: MiniLM's cosines, fused in the same way."""
    return [
        Way(_row("cosine", is_alone), rescored(_as_said, is_alone=is_alone)) for is_alone in _BOTH
    ]


def encoder_ways(name: str, queries: Encodings, lines: Encodings) -> list[Way]:
    """List another encoder, alone and with the other sources."""
    encoder = AnotherEncoder(queries, lines)
    return [
        Way(_row(name, is_alone), rescored(encoder, is_alone=is_alone), _row("cosine", is_alone))
        for is_alone in _BOTH
    ]


def interaction_ways(tokens: MiniLmTokens) -> list[Way]:
    """List MaxSim, and its mean with the cosine, for text alone and with the other sources."""
    states: dict[str, NDArray[np.float32]] = {}
    shares = {"MaxSim": 0.0, "mean of cosine and MaxSim": 0.5}
    return [
        Way(
            _row(name, is_alone),
            rescored(LateInteraction(tokens, share, states), is_alone=is_alone),
            _row("cosine", is_alone),
        )
        for is_alone in _BOTH
        for name, share in shares.items()
    ]


def _row(name: str, is_alone: bool) -> str:
    return f"{name}, {'dense text alone' if is_alone else 'all sources'}"


def _as_said(material: Material, query: AskedQuery, said: SourceHits) -> Sequence[Hit]:
    return said.hits


def milliseconds_of(tokens: MiniLmTokens, materials: Sequence[Material]) -> dict[str, float]:
    """Time late interaction by some queries: with the lines' states computed anew, and kept.

    In milliseconds of the processor, whatever else the machine does. The query's own states are
    there in any case, before they are averaged.
    """
    seconds: dict[str, list[float]] = {"lines encoded anew": [], "lines kept": []}
    for material in materials:
        for query in material.queries[:NUM_TIMED]:
            scorer = LateInteraction(
                tokens, 0.0, {query.asked.words.text: tokens.states(query.asked.words.text)}
            )
            for said in query.asked.results:
                if said.source.kind is SourceKind.TEXT:
                    for name in seconds:
                        started = time.process_time()
                        scorer(material, query, said)
                        seconds[name].append(time.process_time() - started)
    return {name: round(float(np.median(all_)) * MILLISECONDS, 1) for name, all_ in seconds.items()}
