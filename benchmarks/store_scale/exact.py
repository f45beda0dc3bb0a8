"""The true nearest rows, by looking at all of them."""

import numpy as np
from numpy.typing import NDArray

ROWS_PER_BLOCK = 32_768


def nearest_rows(
    vectors: NDArray[np.float16],
    queries: NDArray[np.float32],
    k: int,
    masks: dict[str, NDArray[np.bool_]],
) -> dict[str, tuple[NDArray[np.float32], NDArray[np.intp]]]:
    """Find the rows with the greatest inner products.

    Args:
        vectors: ``(N, D)``, as stored.
        queries: ``(Q, D)``.
        k: Rows wanted for each query.
        masks: Name to the ``(N,)`` rows among which to look.

    Returns:
        For each name scores and rows, both ``(Q, K)``, best first; ``K`` is less than ``k`` where a
        mask holds less.
    """
    empty = (
        np.empty((len(queries), 0), np.float32),
        np.empty((len(queries), 0), np.intp),
    )
    best = dict.fromkeys(masks, empty)
    for first in range(0, len(vectors), ROWS_PER_BLOCK):
        block = vectors[first : first + ROWS_PER_BLOCK].astype(np.float32)
        scores = queries @ block.T
        for name, mask in masks.items():
            inside = np.flatnonzero(mask[first : first + ROWS_PER_BLOCK])
            best[name] = _merged(*best[name], scores[:, inside], inside + first, k)
    return best


def recall(found: NDArray[np.intp] | list[list[int]], true: NDArray[np.intp]) -> float:
    """Average over queries the share of the true rows that were found."""
    shares = [
        len(set(rows) & set(right)) / len(right)
        for rows, right in zip(found, true.tolist(), strict=True)
        if right
    ]
    return float(np.mean(shares))


def _merged(
    old_scores: NDArray[np.float32],
    old_rows: NDArray[np.intp],
    scores: NDArray[np.float32],
    rows: NDArray[np.intp],
    k: int,
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    if scores.shape[1] > k:
        top = np.argpartition(-scores, k - 1, axis=1)[:, :k]
        scores, rows = np.take_along_axis(scores, top, axis=1), rows[top]
    else:
        rows = np.broadcast_to(rows, scores.shape)
    scores = np.concatenate([old_scores, scores], axis=1)
    rows = np.concatenate([old_rows, rows], axis=1)
    order = np.lexsort((rows, -scores), axis=1)[:, :k]
    return np.take_along_axis(scores, order, axis=1), np.take_along_axis(rows, order, axis=1)
