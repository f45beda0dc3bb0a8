"""MiniLM's tokens: how many a text has, and the state of each after the last layer."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.minilm_numpy import MiniLmNumpyEncoder

MODEL = "all-minilm-l6-v2"
# Of a sequence, for the tokens that open and close it.
NUM_SPECIAL = 2


class MiniLmTokens(MiniLmNumpyEncoder):
    """all-MiniLM-L6-v2 before its states are averaged.

    Args:
        folder: As for ``MiniLmNumpyEncoder``.
        revision: Of the weights.
    """

    def __init__(self, folder: Path, revision: str) -> None:
        super().__init__(folder, revision)
        self.most_tokens = int((self._tokenizer.truncation or {})["max_length"]) - NUM_SPECIAL

    def states(self, text: str) -> NDArray[np.float32]:
        """Return the states of a text's own tokens, ``(T, D)`` rows of unit L2 norm."""
        ids = np.array([self._tokenizer.encode(text).ids])
        no_padding = np.zeros((1, 1, 1, ids.shape[1]), dtype=np.float32)
        hidden = self._layers(self._embedded(ids), no_padding)[0, 1:-1]
        unit: NDArray[np.float32] = hidden / np.linalg.norm(hidden, axis=1, keepdims=True)
        return unit

    def chunks(self, words: Sequence[str]) -> list[str]:
        """Join words into texts that the encoder reads to the end, each as long as can be.

        Args:
            words: None holds white space; one that is too long on its own is a text of its own.
        """
        return packed([(word, self._num_tokens(word)) for word in words], self.most_tokens)

    def _num_tokens(self, text: str) -> int:
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)


def packed(words: Sequence[tuple[str, int]], most: int) -> list[str]:
    """Join words, each with its number of tokens, in texts of at most so many tokens.

    Example:
        >>> packed([("a", 2), ("b", 1), ("c", 1)], 3)
        ['a b', 'c']
    """
    texts: list[list[str]] = []
    room = 0
    for word, size in words:
        if size > room:
            texts.append([])
            room = most
        texts[-1].append(word)
        room -= size
    return [" ".join(text) for text in texts]


def max_sim(query: NDArray[np.float32], line: NDArray[np.float32]) -> float:
    """Average over the query's tokens how near the nearest token of a line is.

    Args:
        query: ``(T, D)`` of unit L2 norm, at least one token.
        line: ``(T, D)``, another number of tokens; of none every token is equally far, at 0.

    Source:
        Khattab and Zaharia, "ColBERT: Efficient and Effective Passage Search via Contextualized
        Late Interaction over BERT", SIGIR 2020; theirs is the sum, and an encoder trained for it.
    """
    return float((query @ line.T).max(axis=1).mean()) if len(line) else 0.0
