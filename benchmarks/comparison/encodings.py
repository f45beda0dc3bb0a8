"""Vectors of texts, computed once and kept."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retriever.interfaces import QueryEncoder


class Encodings:
    """What one encoder makes of texts; kept in a file between runs.

    Args:
        encoder: Any.
        folder: Where the file goes, named after the encoder and the prefix.
        prefix: Put before each text.
    """

    def __init__(self, encoder: QueryEncoder, folder: Path, prefix: str = "") -> None:
        self._encoder = encoder
        self._prefix = prefix
        self._path = folder / f"{encoder.encoder_id} {prefix.strip(': ')}.npz"
        self._rows: dict[str, NDArray[np.float32]] = {}
        if self._path.exists():
            with np.load(self._path) as kept:
                self._rows = dict(zip(kept["names"].tolist(), kept["rows"], strict=True))

    def of(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return ``(S, D)`` rows of unit L2 norm, in input order."""
        whole = [self._prefix + text for text in texts]
        missing = list(
            {_name(text): text for text in whole if _name(text) not in self._rows}.items()
        )
        if missing:
            rows = self._encoder.encode_text([text for _, text in missing])
            self._rows |= dict(zip([name for name, _ in missing], rows, strict=True))
            self._keep()
        return np.stack([self._rows[_name(text)] for text in whole])

    def _keep(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(
            self._path, names=np.array(list(self._rows)), rows=np.stack(list(self._rows.values()))
        )


def _name(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()
