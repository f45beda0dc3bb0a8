"""Whether the made-up vectors are a fair test: not noise, and like really embedded sentences.

An index over noise is needlessly hard and over a few tight clumps needlessly easy. Samples of one
size are compared: sentences that the encoder really embedded (the seeds' variants), made-up rows
of both spaces, and noise of unit norm.
"""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.store_scale.building import Built
from benchmarks.store_scale.films import FilmMaker
from benchmarks.store_scale.plan import PICTURE, SPACES, TEXT

NEIGHBOURS = 20
MOST_SAMPLED = 4_000
ROWS_PER_BLOCK = 500
VARIANCE_EXPLAINED = 0.9
VIDEOS_READ = 50
RARE = 3


def measure_structure(built: Built, maker: FilmMaker) -> dict[str, Any]:
    """Compare samples and count words."""
    generator = np.random.default_rng(0)
    count = min(MOST_SAMPLED, len(maker.seeds.variants), *map(built.plan.num_rows, SPACES))
    real = maker.seeds.variants[generator.permutation(len(maker.seeds.variants))[:count]]
    samples = {"really embedded sentences": real}
    for space in SPACES:
        rows = generator.permutation(built.plan.num_rows(space))[:count]
        samples[f"made-up {space}"] = built.vectors(space)[rows].astype(np.float32)
    noise = generator.standard_normal(real.shape, dtype=np.float32)
    samples["noise"] = noise / np.linalg.norm(noise, axis=1, keepdims=True)
    return {
        "sample_size": count,
        "samples": {name: describe(rows) for name, rows in samples.items()},
        "cosine_to_nearest_in_whole_library": {
            space: _percentiles(_to_nearest(built.vectors(space), generator))
            for space in (TEXT, PICTURE)
        },
        "words": measure_words(maker, min(VIDEOS_READ, built.plan.num_videos)),
    }


def describe(rows: NDArray[np.float32]) -> dict[str, Any]:
    """Say how a sample is spread.

    Returns:
        Cosines to the nearest other row and of random pairs; intrinsic dimension; directions that
        hold 90% of the variance.
    """
    nearest = _nearest_cosines(rows)
    centred = rows - rows.mean(axis=0)
    variances = np.linalg.svd(centred, compute_uv=False) ** 2
    share = np.cumsum(variances) / variances.sum()
    pairs = np.einsum("nd,nd->n", rows, np.roll(rows, 1, axis=0))
    return {
        "cosine_to_nearest": _percentiles(nearest[:, 0]),
        "cosine_of_pairs": _percentiles(pairs),
        "intrinsic_dimension": round(
            intrinsic_dimension(np.sqrt(np.maximum(2 - 2 * nearest, 0))), 1
        ),
        "directions_of_90_percent": int(np.searchsorted(share, VARIANCE_EXPLAINED) + 1),
    }


def intrinsic_dimension(distances: NDArray[np.float64]) -> float:
    """Estimate the dimension of what points lie on from distances to their neighbours.

    Args:
        distances: ``(N, K)``, nearest first.

    Source:
        Levina and Bickel, "Maximum Likelihood Estimation of Intrinsic Dimension", NIPS 2004, with
        MacKay and Ghahramani's averaging of inverses.
    """
    safe = np.maximum(distances, 1e-6)
    inverse = np.log(safe[:, -1:] / safe[:, :-1]).mean(axis=1)
    return float(1 / inverse.mean())


def measure_words(maker: FilmMaker, num_videos: int) -> dict[str, Any]:
    """Say how many rows hold the commonest content words, and how many words are rare."""
    texts = [text for number in range(num_videos) for text in maker.texts.video(number)[0]]
    rows_of = Counter(
        word for text in texts for word in {word.strip(".,").lower() for word in text.split()}
    )
    function_words = maker.seeds.vocabulary.function_words
    common = [(word, n) for word, n in rows_of.most_common(500) if word not in function_words]
    return {
        "rows": len(texts),
        "distinct_words": len(rows_of),
        "share_of_rows_with": {word: round(n / len(texts), 4) for word, n in common[:5]},
        "share_of_words_in_3_rows_or_fewer": round(
            sum(n <= RARE for n in rows_of.values()) / len(rows_of), 3
        ),
    }


def _nearest_cosines(rows: NDArray[np.float32]) -> NDArray[np.float64]:
    found = []
    for first in range(0, len(rows), ROWS_PER_BLOCK):
        scores = rows[first : first + ROWS_PER_BLOCK] @ rows.T
        scores[np.arange(len(scores)), first + np.arange(len(scores))] = -np.inf
        found.append(-np.sort(np.partition(-scores, NEIGHBOURS, axis=1)[:, :NEIGHBOURS], axis=1))
    return np.concatenate(found).astype(np.float64)


def _to_nearest(
    vectors: NDArray[np.float16], generator: np.random.Generator
) -> NDArray[np.float32]:
    """Measure from some rows to the nearest other row of all."""
    asked = np.sort(generator.permutation(len(vectors))[:ROWS_PER_BLOCK])
    queries = vectors[asked].astype(np.float32)
    best = np.full(len(asked), -np.inf, np.float32)
    for first in range(0, len(vectors), ROWS_PER_BLOCK * 20):
        scores = queries @ vectors[first : first + ROWS_PER_BLOCK * 20].astype(np.float32).T
        own = np.flatnonzero((asked >= first) & (asked < first + scores.shape[1]))
        scores[own, asked[own] - first] = -np.inf
        best = np.maximum(best, scores.max(axis=1))
    return best


def _percentiles(values: NDArray[np.floating]) -> dict[str, float]:
    p10, p50, p90 = np.percentile(values, (10, 50, 90)).tolist()
    return {"p10": round(p10, 3), "p50": round(p50, 3), "p90": round(p90, 3)}
