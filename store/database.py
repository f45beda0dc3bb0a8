"""The SQLite connection: how transactions begin, and what its errors are called here.

Readers begin deferred and see one snapshot; writers begin immediate, so that a second writer
waits at its first statement instead of failing in the middle.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.orm import Session

from store.errors import (
    LibraryDamagedError,
    LibraryError,
    LibraryFullError,
    LibraryLockedError,
)

BUSY_TIMEOUT_SECONDS = 30.0
SWITCH_PAUSE_SECONDS = 0.02
_WRITES = "cinedex_writes"


class Database:
    """One SQLite file; ``Session``s are handed out for one transaction each.

    Args:
        path: The file; it must exist (an empty one is an empty database).
        busy_timeout_seconds: How long a writer waits for another.
    """

    def __init__(self, path: Path, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS) -> None:
        self.path = path
        self._process = os.getpid()
        self._is_closed = False
        self._busy_timeout_seconds = busy_timeout_seconds
        self._readers = create_engine(
            URL.create("sqlite+pysqlite", database=str(path)),
            connect_args={"timeout": busy_timeout_seconds},
        )
        self._writers = self._readers.execution_options(**{_WRITES: True})
        event.listen(self._readers, "connect", _prepare)
        event.listen(self._readers, "begin", _begin)

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

    def use_write_ahead_log(self) -> None:
        """Let readers go on while one process writes; the file remembers it."""
        deadline = time.monotonic() + self._busy_timeout_seconds
        while not self._switched_to_write_ahead_log():
            if time.monotonic() > deadline:
                raise LibraryLockedError(
                    f"another process is writing {self.path}; wait for it to finish, then try again"
                )
            time.sleep(SWITCH_PAUSE_SECONDS)

    def _switched_to_write_ahead_log(self) -> bool:
        """Try once; SQLite does not wait for others here, whatever the busy timeout says."""
        with named_errors(self.path), self._readers.connect() as connection:
            raw = connection.connection.dbapi_connection
            if raw is None:
                return False
            try:
                raw.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorname.startswith("SQLITE_BUSY"):
                    return False
                raise
            return True

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
            raise ValueError(f"the library of {self.path} is closed")
        if self._process != os.getpid():
            raise ValueError(
                f"{self.path} was opened before a fork; open the library again in the new process"
            )
        with named_errors(self.path), Session(engine) as session, session.begin():
            yield session


@contextmanager
def named_errors(path: Path) -> Iterator[None]:
    """Raise the store's own errors in place of SQLite's."""
    try:
        yield
    except DBAPIError as error:
        raise _named(path, error.orig) from error
    except StatementError as error:  # a value that no column can hold
        raise ValueError(f"{path} cannot hold what was given: {error.orig}") from error
    except sqlite3.Error as error:  # raised while connecting, outside of SQLAlchemy's reach
        raise _named(path, error) from error


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself; _begin does
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _named(path: Path, error: BaseException | None) -> Exception:
    if isinstance(error, sqlite3.IntegrityError):
        return ValueError(f"the records contradict each other: {error}")
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith("SQLITE_FULL"):
        return LibraryFullError(
            f"no space left to write {path}; free some, then run the command again"
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return LibraryLockedError(
            f"another process is writing {path}; wait for it to finish, then try again"
        )
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")):
        return LibraryError(
            f"{path} cannot be opened for writing ({error}); check the permissions of its folder"
        )
    if name.startswith("SQLITE_IOERR"):
        return LibraryError(
            f"{path} could not be read or written ({error}); check the disk it is on"
        )
    return LibraryDamagedError(
        f"{path} cannot be used as a catalogue ({error}); restore it from a backup, "
        "or delete the library and index again"
    )
