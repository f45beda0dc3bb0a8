"""A query encoder that loads when it is first asked: a search may not need it."""

from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from retriever.interfaces import QueryEncoder


class LateQueryEncoder:
    """Fulfils ``QueryEncoder``.

    Args:
        encoder_id: Of what is loaded, known before.
        load: Called once.
    """

    def __init__(self, encoder_id: str, load: "Callable[[], QueryEncoder]") -> None:
        self.encoder_id = encoder_id
        self._load = load
        self._loaded: QueryEncoder | None = None
        self._lock = Lock()

    def encode_text(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Embed ``Q`` texts as ``(Q, D)`` float32 rows of unit L2 norm, in input order."""
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded.encode_text(texts)
