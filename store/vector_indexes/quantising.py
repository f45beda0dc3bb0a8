"""A quarter of the space for vectors, where this library's own vectors allow it.

Product quantisation was measured to lose nearly all recall on vectors of this kind when it was
chosen blindly, so it is only kept when it finds what half precision finds.
"""

import logging

import numpy as np

from store.errors import RecallTooLowError
from store.vector_indexes.faiss_index import FaissIndex, Halves

LEAST_RECALL = 0.95
RECALL_AT = 10
NUM_PROBES = 200
# The quantiser learns 256 centroids; fewer rows than some forty for each teach it nothing.
LEAST_ROWS = 10_000
DIMENSIONS_PER_BYTE = 2

_logger = logging.getLogger(__name__)


def quantised(codes: Halves, space_id: str) -> FaissIndex:
    """Quantise vectors, and measure what that costs.

    Recall@10 is measured for ``NUM_PROBES`` of the vectors themselves, spread over all, each
    searching among the others; a person's query lies further from them, and asks no more.

    Args:
        codes: ``(N, D)``.
        space_id: For the message.

    Raises:
        RecallTooLowError: Less than ``LEAST_RECALL`` is found, or there are too few to tell.
    """
    num_rows, dimension = codes.shape
    if num_rows < LEAST_ROWS or dimension % DIMENSIONS_PER_BYTE:
        raise RecallTooLowError(
            f"space {space_id} holds {num_rows} vectors; quantising needs {LEAST_ROWS} or more, "
            "and brings nothing below that: they stay as they are"
        )
    index = FaissIndex.quantised(codes, dimension // DIMENSIONS_PER_BYTE)
    recall = recall_of(index, codes)
    if recall < LEAST_RECALL:
        raise RecallTooLowError(
            f"quantised, space {space_id} would find {recall:.3f} of the nearest {RECALL_AT} and "
            f"{LEAST_RECALL} is the least: its vectors stay as they are"
        )
    return index


def quantised_if_it_may_be(codes: Halves, space_id: str) -> FaissIndex:
    """Quantise vectors that were quantised before; where they lose too much by now, do not."""
    try:
        return quantised(codes, space_id)
    except RecallTooLowError as error:
        _logger.warning("%s", error)
        return FaissIndex.flat(codes)


def recall_of(index: FaissIndex, codes: Halves) -> float:
    """Measure Recall@10 of an index against a scan of the codes it was made of."""
    probes = np.linspace(0, len(codes) - 1, NUM_PROBES).astype(np.int64)
    queries = codes[probes].astype(np.float32)
    wanted = _others(FaissIndex.flat(codes), queries, probes)
    found = _others(index, queries, probes)
    shared = [len(set(a) & set(b)) for a, b in zip(wanted, found, strict=True)]
    return sum(shared) / sum(len(row) for row in wanted)


def _others(index: FaissIndex, queries: np.ndarray, probes: np.ndarray) -> list[list[int]]:
    _, found = index.search(queries, RECALL_AT + 1)
    return [
        [place for place in row if place != probe][:RECALL_AT]
        for row, probe in zip(found.tolist(), probes.tolist(), strict=True)
    ]
