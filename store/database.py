"""Transactions on a catalogue, whatever database it is in."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from json import JSONDecodeError
from typing import Self, TypeVar

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from store.errors import LibraryConnectionError, LibraryDamagedError, LibraryLockedError
from store.interfaces import Backend, TextIndex

BUSY_TIMEOUT_SECONDS = 30.0
# Pauses before a write whose connection was lost is done again: a server restarts in some seconds.
RECONNECT_PAUSES_SECONDS = (0.2, 1.0, 4.0)
_WRITES = "cinedex_writes"
_AUTOCOMMIT = "AUTOCOMMIT"

Result = TypeVar("Result")


class Database:
    """One catalogue; ``Session``s are handed out for one transaction each.

    Args:
        backend: What kind of database, and where.
        busy_timeout_seconds: How long a writer waits for another.

    Raises:
        LibraryPlaceError: The place cannot hold a database that several processes use.
    """

    def __init__(
        self, backend: Backend, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS
    ) -> None:
        self.backend = backend
        self._busy_timeout_seconds = busy_timeout_seconds
        self._process = os.getpid()
        self._is_closed = False
        self._readers = backend.connect(busy_timeout_seconds)
        self._writers = self._readers.execution_options(**{_WRITES: True})
        event.listen(self._readers, "begin", self._begin)

    @property
    def place(self) -> str:
        """What messages call this catalogue."""
        return self.backend.place

    @property
    def text_index(self) -> TextIndex:
        """Full-text search in this catalogue."""
        return self.backend.text_index

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Read one snapshot of the catalogue."""
        with self._transaction(self._readers) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Write as one transaction: all of the block, or nothing where it raises."""
        with self._transaction(self._writers) as session:
            yield session

    def write(self, work: Callable[[Session], Result]) -> Result:
        """Write as one transaction, again where the connection to the server was lost.

        Args:
            work: Something that may be done twice: whether a commit arrived is not known when the
                connection is lost while it is sent.
        """
        for pause_seconds in RECONNECT_PAUSES_SECONDS:
            try:
                with self.writing() as session:
                    return work(session)
            except LibraryConnectionError:
                time.sleep(pause_seconds)
        with self.writing() as session:
            return work(session)

    @contextmanager
    def committing(self) -> Iterator[Connection]:
        """Commit every statement by itself, on a connection that nobody else is given after.

        For what no transaction can hold, and for settings and locks of a whole session.
        """
        engine = self._readers.execution_options(isolation_level=_AUTOCOMMIT)
        with self._named_errors(), engine.connect() as connection:
            connection.detach()
            yield connection

    def prepare(self) -> None:
        """Set up an empty database; an existing one is not harmed."""
        with self._named_errors():
            self.backend.prepare(self._readers, self._busy_timeout_seconds)

    def settle(self) -> None:
        """Let the query planner know how much there is of what."""
        with self._named_errors():
            self.backend.settle(self._readers)

    def reclaim(self) -> None:
        """Give the space of what was deleted back."""
        with self._named_errors():
            self.backend.reclaim(self._readers)

    def close(self) -> None:
        """Close every connection; a closed database cannot be used again."""
        self._is_closed = True
        # After a fork the connections are the parent's: closing them here would take its log away.
        self._readers.dispose(close=self._process == os.getpid())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Session]:
        if self._is_closed:
            raise ValueError(f"the library of {self.place} is closed")
        if self._process != os.getpid():
            raise ValueError(
                f"{self.place} was opened before a fork; open the library again in the new process"
            )
        with self._named_errors(), Session(engine) as session, session.begin():
            session.connection()  # begins now, not at the first statement
            yield session

    def _begin(self, connection: Connection) -> None:
        if connection.get_execution_options().get("isolation_level") == _AUTOCOMMIT:
            return
        writes = connection.get_execution_options().get(_WRITES, False)
        self.backend.begin(connection, writes=writes)

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        """Raise the store's own errors in place of the database's."""
        try:
            yield
        except DBAPIError as error:
            raise self.backend.named(error.orig) from error
        except PoolTimeoutError as error:
            raise LibraryLockedError(
                f"too many connections to {self.place} are in use at once; try again"
            ) from error
        except StatementError as error:  # a value that no column can hold
            raise ValueError(f"{self.place} cannot hold what was given: {error.orig}") from error
        except (UnicodeDecodeError, JSONDecodeError) as error:  # nobody can ask for these
            raise LibraryDamagedError(
                f"{self.place} holds text that was never written into it ({error}); run "
                "`cinedex check --repair`"
            ) from error
        except sqlite3.Error as error:  # raised while connecting, outside of SQLAlchemy's reach
            raise self.backend.named(error) from error
