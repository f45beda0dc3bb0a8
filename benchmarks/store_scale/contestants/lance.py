"""LanceDB: columnar files, scanned whole or through an index."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lancedb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

ROWS_PER_BATCH = 20_000


@dataclass(slots=True)
class Lance:
    """A table of float32 vectors, with an index on the video.

    Attributes:
        index: Kind of vector index; ``None`` scans.
        query_options: Method of the query builder to its argument; LanceDB's defaults where empty.
    """

    index: Any = None
    query_options: tuple[tuple[str, int], ...] = ()
    _table: Any = None

    def build(self, folder: Path, vectors: NDArray[np.float16], videos: NDArray[np.int64]) -> None:
        """Write the table and its indexes."""
        dimension = vectors.shape[1]
        schema = pa.schema(
            [
                pa.field("id", pa.int64()),
                pa.field("video", pa.int64()),
                pa.field("vector", pa.list_(pa.float32(), dimension)),
            ]
        )

        def batches() -> Iterator[pa.RecordBatch]:
            for first in range(0, len(vectors), ROWS_PER_BATCH):
                chunk = vectors[first : first + ROWS_PER_BATCH].astype(np.float32)
                flat = pa.array(chunk.ravel(), pa.float32())
                columns = [
                    pa.array(np.arange(first, first + len(chunk))),
                    pa.array(videos[first : first + len(chunk)]),
                    pa.FixedSizeListArray.from_arrays(flat, dimension),
                ]
                yield pa.RecordBatch.from_arrays(columns, schema=schema)

        reader = pa.RecordBatchReader.from_batches(schema, batches())
        self._table = lancedb.connect(folder).create_table("vectors", reader)
        self._table.create_index("video", config=lancedb.index.BTree())
        if self.index is not None:
            self._table.create_index("vector", config=self.index)

    def search(self, query: NDArray[np.float32], k: int, videos: Sequence[int] | None) -> list[int]:
        """Ask for row numbers only."""
        # Without the distance, LanceDB warns at every query.
        asked = self._table.search(query).distance_type("cosine").limit(k)
        asked = asked.select(["id", "_distance"])
        for option, value in self.query_options:
            asked = getattr(asked, option)(value)
        if videos is not None:
            asked = asked.where(f"video IN ({', '.join(map(str, videos))})", prefilter=True)
        found: list[int] = asked.to_arrow()["id"].to_pylist()
        return found

    def close(self) -> None:
        """Forget the table."""
        self._table = None
