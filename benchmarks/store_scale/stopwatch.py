"""Time the parts of a search from outside: the retriever gets stand-ins that pass everything on."""

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retriever.interfaces import QueryEncoder
from store.library import Library
from store.records import Hit

ENCODING, LEXICAL, REST = "encoding", "lexical", "rest"


class Stopwatch:
    """Adds up seconds by name until they are taken."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def running(self, name: str) -> Iterator[None]:
        """Time what is done inside."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self._seconds[name] += time.perf_counter() - started

    def take(self) -> dict[str, float]:
        """Return what was added up since the last time."""
        taken = dict(self._seconds)
        self._seconds.clear()
        return taken


class TimedEncoder:
    """A query encoder under a stopwatch."""

    def __init__(self, encoder: QueryEncoder, watch: Stopwatch) -> None:
        self._encoder = encoder
        self._watch = watch

    @property
    def encoder_id(self) -> str:
        """Id of the encoder behind it."""
        return self._encoder.encoder_id

    def encode_text(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts."""
        with self._watch.running(ENCODING):
            return self._encoder.encode_text(texts)


class TimedLibrary:
    """A library whose two kinds of search are under a stopwatch; the rest is the library's own."""

    def __init__(self, library: Library, watch: Stopwatch) -> None:
        self._library = library
        self._watch = watch
        self._kind_of = {space.space_id: f"dense {space.embeds}" for space in library.spaces()}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._library, name)

    def search_text(self, *arguments: Any, **options: Any) -> list[Hit]:
        """Search words."""
        with self._watch.running(LEXICAL):
            return self._library.search_text(*arguments, **options)

    def search_vectors(self, space_id: str, *arguments: Any, **options: Any) -> list[list[Hit]]:
        """Search one space."""
        with self._watch.running(self._kind_of[space_id]):
            return self._library.search_vectors(space_id, *arguments, **options)
