"""One document or one vector for each clip, in place of one for each line and picture."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.comparison.encodings import Encodings
from benchmarks.comparison.judging import Find, Found, Placer, Way
from benchmarks.comparison.material import AskedQuery, Material
from benchmarks.comparison.tokens import MiniLmTokens
from retriever.folding import ClipKey, clip_key, fold_to_clips
from retriever.fusion import Ranking, min_max_combination
from retriever.options import SearchOptions, SourceKind
from store.tokens import TOKENIZER, encodable

Scores = list[tuple[ClipKey, float]]
ByClip = Callable[[Material, AskedQuery], Scores]


@dataclass(frozen=True, eq=False)
class ClipVectors:
    """Vectors of clips; one clip may have several.

    Attributes:
        keys: ``S`` names of clips.
        vectors: ``(S, D)`` rows of unit L2 norm.
    """

    keys: Sequence[ClipKey]
    vectors: NDArray[np.float32]

    def scores(self, query: NDArray[np.float32]) -> Scores:
        """Rank clips by the best of their vectors."""
        best: dict[ClipKey, float] = {}
        for key, score in zip(self.keys, (self.vectors @ query).tolist(), strict=True):
            best[key] = max(score, best.get(key, -1.0))
        return ranked(best)


class JointWords:
    """BM25 over documents, with the tokens that the store's own index has."""

    def __init__(self, documents: Mapping[ClipKey, str]) -> None:
        self._keys = list(documents)
        self._database = sqlite3.connect(":memory:")
        self._database.execute(
            f"CREATE VIRTUAL TABLE document USING fts5(text, tokenize='{TOKENIZER}')"
        )
        self._database.executemany(
            "INSERT INTO document(rowid, text) VALUES (?, ?)",
            [(row, encodable(text)) for row, text in enumerate(documents.values())],
        )

    def scores(self, terms: Sequence[str]) -> Scores:
        """Rank the documents that hold any of the terms."""
        query = " OR ".join('"' + encodable(term).replace('"', "") + '"' for term in terms)
        if not query:
            return []
        rows = self._database.execute(
            "SELECT rowid, -bm25(document) FROM document WHERE document MATCH ?", (query,)
        )
        return ranked({self._keys[row]: score for row, score in rows})


class Joint:
    """Ranks clips by what their joint documents and vectors say; kept for each library."""

    def __init__(self, tokens: MiniLmTokens, encodings: Encodings, placer: Placer) -> None:
        self._tokens = tokens
        self._encodings = encodings
        self._placer = placer
        self._dense: dict[str, ClipVectors] = {}
        self._words: dict[str, JointWords] = {}
        self._vectors: dict[tuple[str, float], ClipVectors] = {}

    def ways(self) -> list[Way]:
        """List joint documents and joint vectors."""
        return [
            Way("joint document, BM25", self.placed(self.by_words)),
            Way("joint document, dense", self.placed(self.by_document)),
            Way("joint documents + pictures (minmax)", self.placed(self.by_documents)),
            Way("joint vector, every vector alike", self.placed(self._by_vector(1.0))),
            Way(
                "joint vector, pictures at their weight in fusion",
                self.placed(self._by_vector(SearchOptions().picture_weight)),
            ),
        ]

    def by_words(self, material: Material, query: AskedQuery) -> Scores:
        """Rank by BM25."""
        if material.name not in self._words:
            self._words[material.name] = JointWords(documents_of(material))
        return self._words[material.name].scores(query.asked.words.terms)

    def by_document(self, material: Material, query: AskedQuery) -> Scores:
        """Rank by the text encoder."""
        if material.name not in self._dense:
            pairs = [
                (key, chunk)
                for key, text in documents_of(material).items()
                for chunk in self._tokens.chunks(text.split())
            ]
            rows = self._encodings.of([chunk for _, chunk in pairs])
            self._dense[material.name] = ClipVectors([key for key, _ in pairs], rows)
        return self._dense[material.name].scores(vector_of(material, query))

    def by_documents(self, material: Material, query: AskedQuery) -> Scores:
        """Fuse both rankings with that of the pictures, at the default weights."""
        options = SearchOptions()
        words = self.by_words(material, query)[: options.depth]
        document = self.by_document(material, query)[: options.depth]
        pictures = [
            (clip_key(hit.clip), hit.score)
            for result in query.asked.results
            if result.source.kind is SourceKind.PICTURE
            for hit in fold_to_clips(result.hits)
        ]
        return min_max_combination(
            [
                Ranking(options.lexical_weight, words, options.depth),
                Ranking(options.text_weight, document),
                Ranking(options.picture_weight, pictures),
            ]
        )

    def _by_vector(self, picture_weight: float) -> ByClip:
        def scores(material: Material, query: AskedQuery) -> Scores:
            name = (material.name, picture_weight)
            if name not in self._vectors:
                self._vectors[name] = joint_vectors(material, picture_weight)
            return self._vectors[name].scores(vector_of(material, query))

        return scores

    def placed(self, by_clip: ByClip) -> Find:
        """Return the spans that the retriever's rules place in the clips so ranked."""

        def find(material: Material, query: AskedQuery) -> Sequence[Found]:
            ranking = [key for key, _ in by_clip(material, query)]
            return self._placer.place(material, query, ranking)

        return find


def documents_of(material: Material) -> dict[ClipKey, str]:
    """Join all that is said, written and seen in each clip, in time order."""
    return {
        key: " ".join(line.text for line in lines) for key, lines in material.lines.items() if lines
    }


def joint_vectors(material: Material, picture_weight: float) -> ClipVectors:
    """Average each clip's vectors of lines and pictures, which lie in one space.

    Args:
        material: With the clips it was indexed with.
        picture_weight: Of a picture's vector; a line's is 1.
    """
    sums: dict[ClipKey, NDArray[np.float32]] = {}
    for video_id, whole in material.videos.items():
        for one in whole.embeddings:
            weight = picture_weight if one.evidence_id is None else 1.0
            key = (video_id, one.clip_ordinal)
            sums[key] = sums.get(key, np.float32(0)) + np.float32(weight) * one.vector
    rows = np.stack(list(sums.values()))
    return ClipVectors(list(sums), rows / np.linalg.norm(rows, axis=1, keepdims=True))


def vector_of(material: Material, query: AskedQuery) -> NDArray[np.float32]:
    """Return a query's vector, ``(D,)``."""
    return material.query_vectors[query.asked.words.text]


def ranked(scores: Mapping[ClipKey, float]) -> Scores:
    """Order clips, best first; ties in time order."""
    return sorted(scores.items(), key=lambda entry: (-entry[1], entry[0]))
