"""sqlite-vec: a SQLite extension that scans all vectors (0.1.x has no index).

Through apsw, because not every Python's own ``sqlite3`` can load extensions.
"""

from collections.abc import Sequence
from pathlib import Path

import apsw
import numpy as np
import sqlite_vec
from numpy.typing import NDArray

ROWS_PER_INSERT = 10_000


class SqliteVec:
    """A ``vec0`` table of float32 vectors with the video as a metadata column."""

    def build(self, folder: Path, vectors: NDArray[np.float16], videos: NDArray[np.int64]) -> None:
        """Insert everything and keep the connection."""
        self._database = apsw.Connection(str(folder / "vectors.sqlite"))
        self._database.enable_load_extension(True)
        sqlite_vec.load(self._database)
        self._database.enable_load_extension(False)
        self._database.execute(
            "CREATE VIRTUAL TABLE vectors USING vec0("
            f"embedding float[{vectors.shape[1]}] distance_metric=cosine, video integer)"
        )
        for first in range(0, len(vectors), ROWS_PER_INSERT):
            chunk = vectors[first : first + ROWS_PER_INSERT].astype(np.float32)
            owners = videos[first : first + ROWS_PER_INSERT].tolist()
            rows = zip(range(first, first + len(chunk)), map(bytes, chunk), owners, strict=True)
            with self._database:
                self._database.executemany(
                    "INSERT INTO vectors(rowid, embedding, video) VALUES (?, ?, ?)", rows
                )

    def search(self, query: NDArray[np.float32], k: int, videos: Sequence[int] | None) -> list[int]:
        """Scan."""
        statement = "SELECT rowid FROM vectors WHERE embedding MATCH ? AND k = ?"
        if videos is not None:
            statement += f" AND video IN ({', '.join(map(str, videos))})"
        rows = self._database.execute(f"{statement} ORDER BY distance", (query.tobytes(), k))
        return [row[0] for row in rows]

    def close(self) -> None:
        """Close the connection."""
        self._database.close()
