"""Text to tokens, exactly as FTS5 does it, for every database.

SQLite's own tokenizer does the work in a database in memory, so that a catalogue in PostgreSQL
knows the same words as one in SQLite by construction: case and accents folded in every script,
words in plain Latin letters stemmed by Porter's rules.
"""

import sqlite3
import threading
from collections.abc import Sequence

TOKENIZER = "porter unicode61 remove_diacritics 2"
# PostgreSQL's index refuses longer ones, and no word is.
MOST_TOKEN_CHARACTERS = 500


class Tokenizer:
    """Splits texts into tokens; safe to use from several threads.

    Example:
        >>> Tokenizer().split(["They argued: cafés, don't!"])
        [('thei', 'argu', 'cafe', 'don', 't')]
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        self._database.execute(
            f"CREATE VIRTUAL TABLE texts USING fts5(text, content='', tokenize='{TOKENIZER}')"
        )
        self._database.execute("CREATE VIRTUAL TABLE tokens USING fts5vocab('texts', 'instance')")

    def split(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        """Split texts.

        Returns:
            For each text its tokens in order; none where it holds no letter or digit.
        """
        found: list[list[tuple[int, str]]] = [[] for _ in texts]
        with self._lock, self._database:
            rows = [(row, encodable(text)) for row, text in enumerate(texts, start=1)]
            self._database.executemany("INSERT INTO texts(rowid, text) VALUES (?, ?)", rows)
            for row, offset, token in self._database.execute(
                "SELECT doc, offset, term FROM tokens"
            ):
                found[row - 1].append((offset, token[:MOST_TOKEN_CHARACTERS]))
            self._database.execute("INSERT INTO texts(texts) VALUES ('delete-all')")
        return [tuple(token for _, token in sorted(tokens)) for tokens in found]

    def close(self) -> None:
        """Let go of the memory."""
        self._database.close()


def encodable(text: str) -> str:
    """Drop what ends an SQLite string early or cannot be encoded."""
    return text.encode("utf-8", "ignore").decode("utf-8").replace("\0", " ")
