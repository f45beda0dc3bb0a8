"""How wide a graph must be searched to find what a scan finds, measured on the library's vectors.

It differs by space. Text searched by text needs some hundred candidates; pictures searched by text,
whose queries lie far from every picture, were never found well by a graph of a million (0.94 of the
nearest ten at 4,096 candidates) and are scanned instead.
"""

import numpy as np
from numpy.typing import NDArray

from store.vector_indexes.faiss_index import MOST_EF, FaissIndex

RECALL_AT = 10
LEAST_RECALL = 0.995
NUM_PROBES = 100
WIDTHS = (64, 128, 256, 512, 1024, 2048)
# A person's query is harder still: where the probes reached 0.995 at 1,000,000 texts, queries had
# 0.989, and 0.994 at twice the width; at 400,000, 0.993 and 1.0.
HEADROOM = 2
SAME_SCORE = 1e-6  # sums of float32 in another order


def search_width(
    index: FaissIndex, probes: NDArray[np.float32], alive: NDArray[np.bool_] | None
) -> int | None:
    """Choose how many candidates a search of a graph keeps.

    Args:
        index: A graph.
        probes: ``(Q, D)``, like what it will be asked.
        alive: ``(N,)``, which rows may be found; ``None`` for all.

    Returns:
        ``None`` where the graph does not find enough, however wide it is searched.
    """
    wanted, _ = index.search(probes, RECALL_AT, alive)
    for width in WIDTHS:
        index.ef_search = width
        found, _ = index.search(probes, RECALL_AT, alive, is_exact=False)
        # By score, not by row: a library holds many a sentence twice, and either will do.
        is_as_good = found >= wanted[:, -1:] - SAME_SCORE
        if np.count_nonzero(is_as_good) >= LEAST_RECALL * wanted.size:
            return min(MOST_EF, HEADROOM * width)
    return None


def probes_of(codes: NDArray[np.float16]) -> NDArray[np.float32]:
    """Make probes that lie about as far from every row as a person's query does.

    Half-way between two rows, which are taken from all over: a row itself is found too easily.
    Nearest cosine at 400,000 texts: 1.0 for rows, 0.73 for these, 0.52 for queries.
    """
    places = np.linspace(0, len(codes) - 1, min(NUM_PROBES, len(codes))).astype(np.int64)
    rows = codes[places].astype(np.float32)
    middles = rows + np.roll(rows, len(rows) // 2, axis=0)
    lengths = np.linalg.norm(middles, axis=1, keepdims=True)
    return np.asarray(middles / np.where(lengths > 0, lengths, 1), np.float32)
