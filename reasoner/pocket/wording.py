"""The words that carry the meaning of a question, and how well a line covers them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retriever.interfaces import QueryEncoder
from retriever.words import STOP_WORDS, split_words

_ASKING_TEXT = """
how many much long old far when where which who whom whose why name named called say says said
tell tells told film movie video seen see show shown do does did kind type sort thing things
be get take place people person used colour color year century decade date day month hour time
number price cost costs city town country
"""
# What a question says about itself, not about what it asks for.
ASKING_WORDS = frozenset(_ASKING_TEXT.split())
_SUFFIXES = ("ing", "ed", "es", "s")
_SHORTEST_STEM = 3
KEPT_WORDS = 4096


def content_words(text: str) -> list[str]:
    """List the distinct words that carry meaning, in order, lower case.

    Example:
        >>> content_words("Where does she say that the boats will meet?")
        ['boats', 'meet']
    """
    words = (word for word in split_words(text) if word not in STOP_WORDS | ASKING_WORDS)
    return list(dict.fromkeys(words))


def stem(word: str) -> str:
    """Cut an English inflection; crude, and the same on both sides of a comparison.

    Example:
        >>> stem("boats"), stem("boat"), stem("baking")
        ('boat', 'boat', 'bak')
    """
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST_STEM:
            return word[: -len(suffix)]
    return word[:-1] if word.endswith("e") and len(word) > _SHORTEST_STEM else word


class WordCover:
    """Says how well a text covers a question's content words: by stem, else by nearest meaning.

    Args:
        encoder: Its cosine between single words stands in for a thesaurus.
    """

    def __init__(self, encoder: QueryEncoder) -> None:
        self._encoder = encoder
        self._embeddings: dict[str, NDArray[np.float32]] = {}

    def covers(self, question: str, text: str) -> NDArray[np.float32]:
        """Measure the cover of each content word.

        Returns:
            ``(T,)`` in ``[0, 1]``, one for each word of ``content_words(question)``; empty
            without any.
        """
        asked, told = content_words(question), content_words(text)
        if not asked or not told:
            return np.zeros(len(asked), dtype=np.float32)
        cosines = self._rows(asked) @ self._rows(told).T
        stems = {stem(word) for word in told}
        exact = np.array([stem(word) in stems for word in asked])
        return np.where(exact, 1.0, np.clip(cosines.max(axis=1), 0.0, 1.0)).astype(np.float32)

    def _rows(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Embed words, the new ones in one batch."""
        if len(self._embeddings) > KEPT_WORDS:
            self._embeddings.clear()
        new = [word for word in words if word not in self._embeddings]
        if new:
            self._embeddings.update(zip(new, self._encoder.encode_text(new), strict=True))
        return np.stack([self._embeddings[word] for word in words])
