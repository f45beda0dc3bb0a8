"""What the store asks of a database, of full-text search and of vector search.

Each has two implementations, in ``store/backends``, ``store/text_indexes`` and
``store/vector_indexes``, chosen by the URL and the settings in ``library.toml``.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, Select
from sqlalchemy.orm import Session

from store.records import Scope


@dataclass(frozen=True, slots=True)
class TokenRun:
    """One word or phrase of a query as the index knows it: tokens that stand in a row.

    Attributes:
        text: As typed.
        tokens: At least one.
    """

    text: str
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TextMatch:
    """One row of evidence that matched.

    Attributes:
        row: Its id.
        score: BM25, higher is better.
    """

    row: int
    score: float


class TextIndex(Protocol):
    """Full-text search over the evidence of one database."""

    def add(self, session: Session, video: int) -> None:
        """Index the evidence of a video (by row id) that was just written."""

    def drop(self, session: Session, video: int) -> None:
        """Forget the evidence of a video (by row id) that is about to be deleted."""

    def count_evidence(self, session: Session, tokens: Sequence[str]) -> dict[str, int]:
        """Count the evidence that holds each token; tokens that none holds are left out."""

    def search(
        self, session: Session, runs: Sequence[TokenRun], k: int, scope: Scope
    ) -> list[TextMatch]:
        """Find the evidence that holds any of the runs, best first, ties by row id.

        Scored by BM25 with k1 = 1.2, b = 0.75 and an inverse document frequency of at least 1e-6,
        as SQLite's FTS5 computes it; a run counts as one term.
        """

    def holding(self, texts: Sequence[str]) -> Select[Any]:
        """Select the row ids of the evidence that holds any of the texts, each as tokens in a row.

        A text without a letter or digit is held by none.
        """

    def problems(self, session: Session) -> Iterator[str]:
        """Say in which ways the index does not fit the evidence."""

    def rebuild(self, session: Session) -> None:
        """Make the index anew from the evidence."""


@dataclass(frozen=True, slots=True)
class StoredSpace:
    """One embedding space of a catalogue; ``row`` is its row id."""

    row: int
    space_id: str
    encoder_id: str
    dimension: int
    query_encoder_id: str = ""


@dataclass(frozen=True, slots=True)
class VectorMatch:
    """One vector that was found.

    Attributes:
        row: Its id in ``embedding``.
        score: Inner product with the query.
    """

    row: int
    score: float


OnRows = Callable[[int, int], None]
"""Told how many rows of how many are done."""
Reading = Callable[[], AbstractContextManager[Session]]
"""Begins a reading transaction."""


class VectorIndex(Protocol):
    """Nearest-neighbour search over the vectors of one catalogue."""

    def add(self, session: Session, video: int) -> None:
        """Index the vectors of a video (by row id) that was just written."""

    def search(
        self,
        session: Session,
        space: StoredSpace,
        queries: NDArray[np.float32],
        k: int,
        scope: Scope,
    ) -> list[list[VectorMatch]]:
        """Find for each query the nearest vectors that the session sees, best first, ties by row.

        Args:
            session: In a transaction.
            space: What is searched.
            queries: ``(Q, D)``, finite.
            k: At least 1.
            scope: What may be found; recall does not suffer from a narrow one.
        """

    def compact(self, reading: Reading, on_rows: OnRows, *, is_forced: bool) -> None:
        """Bring the index up to date with what was published and removed.

        Args:
            reading: Begins a transaction; none is kept open for long.
            on_rows: Told how far it is; what it raises ends the work, and nothing is lost.
            is_forced: Even where little has changed; what was removed leaves the disk.
        """

    def quantise(self, reading: Reading) -> None:
        """Keep the vectors in a quarter of the space, where that finds 0.95 of what they find.

        Raises:
            RecallTooLowError: It does not, or this index cannot; everything is as it was.
        """

    def problems(self, session: Session) -> Iterator[str]:
        """Say in which ways the index is broken or does not fit the catalogue."""

    def forget(self) -> None:
        """Drop what can be made anew from the catalogue."""

    def close(self) -> None:
        """End what is running in the background."""


class Backend(Protocol):
    """One kind of database."""

    @property
    def place(self) -> str:
        """What messages call this database; it holds no password."""

    @property
    def text_index(self) -> TextIndex:
        """Full-text search in this database."""

    def connect(self, busy_timeout_seconds: float) -> Engine:
        """Make the engine; nothing is opened yet.

        Args:
            busy_timeout_seconds: How long a writer waits for another.

        Raises:
            LibraryPlaceError: The place cannot hold a database that several processes use.
        """

    def begin(self, connection: Connection, *, writes: bool) -> None:
        """Begin a transaction: a reader on one snapshot, a writer alone."""

    def named(self, error: BaseException | None) -> Exception:
        """Say a database error in the store's words."""

    def prepare(self, engine: Engine, busy_timeout_seconds: float) -> None:
        """Set up an empty database; an existing one is not harmed."""

    def back_up(self, session: Session, label: str) -> str:
        """Copy the committed state before an upgrade, and say where the copy is."""

    def settle(self, engine: Engine) -> None:
        """Let the query planner know how much there is of what."""

    def reclaim(self, engine: Engine) -> None:
        """Give the space of what was deleted back, and leave nothing of it in the files."""

    def damage(self, session: Session) -> Iterator[str]:
        """Say in which ways the database itself is broken."""
