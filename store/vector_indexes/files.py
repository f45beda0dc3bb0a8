"""Vector search in files: a base that never changes, the rows since, and the rows that are gone.

    base    what was published up to some moment, on disk, scanned or a graph (``base_file.py``)
    tail    vectors of publications that the base does not know, read from SQL, scanned
    gone    vectors of publications that the catalogue does not know any more: not seen

So publishing rebuilds nothing, and base, tail and gone belong to the snapshot of the session that
searches. ``compaction.py`` makes a new base when the tail or the gone grow long.
"""

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.catalogue import stored_spaces
from store.errors import LibraryDamagedError, LibraryLockedError
from store.interfaces import OnRows, Reading, StoredSpace, TextIndex, VectorMatch
from store.records import Scope
from store.tables import CatalogueState, EmbeddingRow, SpaceRow, VideoRow
from store.vector_indexes.base_file import VectorBase
from store.vector_indexes.compaction import LEAST_CHANGED_ROWS, Change, Made, compacted, is_due
from store.vector_indexes.faiss_index import PQ, FaissIndex
from store.vector_indexes.folder import VectorFolder
from store.vector_indexes.quantising import quantised, quantised_if_it_may_be
from store.vector_indexes.rows import VectorRows, read_rows
from store.vector_indexes.selection import isin_sorted, select_in_sql
from store.vector_indexes.space_state import SpaceState

PUBLICATIONS_PER_STATEMENT = 10_000
_NO_PROBES = np.empty((0, 0), np.float32)

_logger = logging.getLogger(__name__)


class VectorFiles:
    """The vectors of one library; safe to use from several threads.

    Args:
        folder: Where the files lie.
        texts: The full-text index of the catalogue.
        on_rows: Told how far it is where a space must be read from SQL; ``None`` for nobody.
    """

    def __init__(self, folder: Path, texts: TextIndex, on_rows: OnRows | None = None) -> None:
        self._folder = VectorFolder(folder)
        self._texts = texts
        self._on_rows = on_rows
        self._lock = threading.Lock()
        self._states: dict[str, SpaceState] = {}
        self._adopting: dict[str, threading.Thread] = {}
        self._tried: dict[str, tuple[int, ...] | None] = {}

    def add(self, session: Session, video: int) -> None:
        """Nothing: the next search reads what is new from SQL."""

    def search(
        self,
        session: Session,
        space: StoredSpace,
        queries: NDArray[np.float32],
        k: int,
        scope: Scope,
    ) -> list[list[VectorMatch]]:
        """Search base and tail, all in the session's snapshot."""
        state = self._state(session, space)
        return state.search(queries, k, scope, select_in_sql(session, space, scope, self._texts))

    def compact(self, reading: Reading, on_rows: OnRows, *, is_forced: bool) -> None:
        """Make a new base of every space that is due."""
        with reading() as session:
            spaces = stored_spaces(session)
        with self._folder.alone() as is_alone:
            if not is_alone:
                return
            for space in spaces:
                self._compact(space, reading, on_rows, is_forced=is_forced)
            self._folder.drop_strangers(spaces)

    def quantise(self, reading: Reading) -> None:
        """Put a quantised base in place of each, or of none.

        Source: the gate that ``quantising.py`` describes.
        """
        with self._folder.alone() as is_alone, reading() as session:
            if not is_alone:
                raise LibraryLockedError(
                    "another process is compacting the vectors; wait for it to finish, then try "
                    "again"
                )
            alive = publications_of(session)
            made = []
            for space in stored_spaces(session):
                rows = self._read_all(session, space)
                index = quantised(rows.codes, space.space_id)
                made.append((space, Made(index, rows.columns, alive)))
            for space, what in made:
                if self._folder.save(space, _generation(session), what):
                    self._adopt(space)

    def problems(self, session: Session) -> Iterator[str]:
        """Check the files."""
        return self._folder.problems(stored_spaces(session))

    def forget(self) -> None:
        """Drop every file; what is needed is read from SQL again."""
        with self._lock:
            self._states.clear()
            self._folder.clear()

    def close(self) -> None:
        """Let go of the files."""
        for thread in list(self._adopting.values()):
            thread.join()
        self._states.clear()

    def _state(self, session: Session, space: StoredSpace) -> SpaceState:
        token = session.execute(select(CatalogueState.token)).scalar_one()
        state = self._states.get(space.space_id)
        if state is None or state.token != token:
            with self._lock:
                state = self._advanced(session, space, token)
        elif state.base_identity != self._folder.identity_of(space):
            self._adopt_soon(space)
        return state

    def _advanced(self, session: Session, space: StoredSpace, token: str) -> SpaceState:
        """Bring the state of a space to the session's snapshot, reading only what is new."""
        known = self._states.get(space.space_id)
        if known is not None and known.token == token:
            return known
        base = known.base if known is not None else self._folder.load(space)
        tail = known.tail if known is not None else {}
        alive = publications_of(session)
        in_base = base.publications if base is not None else np.empty(0, np.int64)
        missing = [
            number
            for number in np.setdiff1d(alive, in_base, assume_unique=True).tolist()
            if number not in tail
        ]
        is_everything = bool(missing) and len(missing) == len(alive)
        tail = {**tail, **self._read(session, space, missing, is_everything=is_everything)}
        if is_everything:
            base, tail = self._kept(space, session, alive, tail)
        state = SpaceState.of(token, alive, base, tail, space.dimension)
        self._states[space.space_id] = state
        return state

    def _read(
        self,
        session: Session,
        space: StoredSpace,
        publications: list[int],
        *,
        is_everything: bool,
    ) -> dict[int, VectorRows]:
        """Read the vectors of some publications; those without any are there too, empty."""
        parts: dict[int, list[VectorRows]] = {number: [] for number in publications}
        batches: list[list[int] | None] = [None]
        total = 0
        if not is_everything:
            step = PUBLICATIONS_PER_STATEMENT
            batches = [*(publications[at : at + step] for at in range(0, len(publications), step))]
        elif self._on_rows is not None:
            count = select(func.count()).where(EmbeddingRow.space == space.row)
            total = session.scalar(count) or 0
        done = 0
        for batch in batches:
            for rows in read_rows(session, space, batch):
                found = np.unique(rows.columns.publication).tolist()
                if not parts.keys() >= set(found):
                    raise LibraryDamagedError(
                        "the catalogue's index of publications does not fit its videos; run "
                        "`cinedex check --repair`"
                    )
                for number in found:
                    parts[number].append(rows.taken(rows.columns.publication == number))
                done += len(rows.columns)
                if total and self._on_rows is not None:
                    self._on_rows(done, total)
        return {number: VectorRows.joined(part, space.dimension) for number, part in parts.items()}

    def _kept(
        self,
        space: StoredSpace,
        session: Session,
        alive: NDArray[np.int64],
        tail: dict[int, VectorRows],
    ) -> tuple[VectorBase | None, dict[int, VectorRows]]:
        """Make a base at once of what had to be read whole, so that nobody reads it again.

        It is one that is scanned, whatever its size: a graph takes minutes.
        """
        if sum(len(rows.columns) for rows in tail.values()) <= LEAST_CHANGED_ROWS:
            return None, tail
        rows = VectorRows.joined(list(tail.values()), space.dimension)
        with self._folder.alone() as is_alone:
            if is_alone:
                made = Made(FaissIndex.flat(rows.codes), rows.columns, alive)
                self._folder.save(space, _generation(session), made)
        base = self._folder.load(space)
        if base is None or not isin_sorted(alive, base.publications).all():
            return None, tail
        return base, {}

    def _compact(
        self, space: StoredSpace, reading: Reading, on_rows: OnRows, *, is_forced: bool
    ) -> None:
        with reading() as session:
            state = self._state(session, space)
            is_current = state.base_identity == self._folder.identity_of(space)
            if not is_current:  # another process replaced the file, and cannot now: we are alone
                self._adopt(space)
                state = self._state(session, space)
                is_current = state.base_identity == self._folder.identity_of(space)
            generation = _generation(session)
            change = is_due(state)
            is_wanted = change is Change.DUE or (change is Change.SMALL and is_forced)
            is_quantised = state.base is not None and state.base.index.kind == PQ
            rows = self._read_all(session, space) if is_wanted and is_quantised else None
            probes = self._probes(session, space, state) if is_wanted else _NO_PROBES
        if is_wanted:
            if rows is None:
                path = self._folder.path(space)
                grown = path if is_current else None
                made = compacted(state, grown, probes, on_rows, is_purged=is_forced)
            else:
                made = Made(
                    quantised_if_it_may_be(rows.codes, space.space_id), rows.columns, state.alive
                )
            if self._folder.save(space, generation, made):
                self._adopt(space)

    def _probes(
        self, session: Session, space: StoredSpace, state: SpaceState
    ) -> NDArray[np.float32]:
        """Take vectors that the space's own query encoder made, where the library holds some."""
        text = select(SpaceRow.space_id).where(
            SpaceRow.embeds == "text", SpaceRow.encoder_id == space.query_encoder_id
        )
        names = set(session.scalars(text))
        others = [other for other in stored_spaces(session) if other.space_id in names]
        asked = self._state(session, others[0]) if others else state
        return asked.sample() if asked.dimension == space.dimension else state.sample()

    def _read_all(self, session: Session, space: StoredSpace) -> VectorRows:
        """Read all vectors of a space: what is quantised cannot be made of what was quantised."""
        return VectorRows.joined(list(read_rows(session, space, None)), space.dimension)

    def _adopt_soon(self, space: StoredSpace) -> None:
        """Open a base that another process made; nobody waits for it. A bad one is tried once."""
        running = self._adopting.get(space.space_id)
        identity = self._folder.identity_of(space)
        if self._tried.get(space.space_id, ()) == identity:
            return
        if running is None or not running.is_alive():
            self._tried[space.space_id] = identity
            thread = threading.Thread(target=self._adopt, args=(space,), daemon=True)
            self._adopting[space.space_id] = thread
            thread.start()

    def _adopt(self, space: StoredSpace) -> None:
        base = self._folder.load(space)
        with self._lock:
            state = self._states.get(space.space_id)
            if state is None:
                return
            rebased = state.rebased(base)
            if rebased is not None:
                self._states[space.space_id] = rebased
            elif base is not None:  # it lacks what only the old one held
                del self._states[space.space_id]


def publications_of(session: Session) -> NDArray[np.int64]:
    """List every publication that the catalogue knows, sorted."""
    return np.sort(np.fromiter(session.scalars(select(VideoRow.publication)), np.int64))


def _generation(session: Session) -> int:
    return session.execute(select(CatalogueState.generation)).scalar_one()
