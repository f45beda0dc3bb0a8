"""A catalogue in one SQLite file.

Write-ahead log, so readers never wait for a writer; a writer begins immediate, so that a second one
waits at its first statement instead of failing in the middle. Several processes of one machine may
share the file. Over a network they may not: the log's index is shared memory, which no network
share carries, so such a place is refused.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.orm import Session

from store.errors import (
    LibraryDamagedError,
    LibraryError,
    LibraryFullError,
    LibraryLockedError,
    LibraryPlaceError,
)
from store.files import bring_to_disk, is_full, named_file_errors
from store.mounts import NETWORK_FILE_SYSTEMS, file_system_of
from store.text_indexes.fts5 import Fts5Index

SWITCH_PAUSE_SECONDS = 0.02
INCREMENTAL_VACUUM = 2
MOST_PROBLEMS = 20


class SqliteBackend:
    """One file; it must exist when it is connected to (an empty one is an empty database)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text_index = Fts5Index()

    @property
    def place(self) -> str:
        """The file."""
        return str(self.path)

    def connect(self, busy_timeout_seconds: float) -> Engine:
        """Make the engine."""
        file_system = file_system_of(self.path)
        if file_system in NETWORK_FILE_SYSTEMS:
            raise LibraryPlaceError(
                f"{self.path} lies on a network share ({file_system}), where SQLite's locks do not "
                "hold; copy the library to a local disk, or keep its catalogue in PostgreSQL"
            )
        engine = create_engine(
            URL.create("sqlite+pysqlite", database=str(self.path)),
            connect_args={"timeout": busy_timeout_seconds},
            max_overflow=-1,  # a connection is an open file: whoever reads gets one
        )
        event.listen(engine, "connect", _prepare_connection)
        return engine

    def begin(self, connection: Connection, *, writes: bool) -> None:
        """Begin deferred for reading, immediate for writing."""
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    def prepare(self, engine: Engine, busy_timeout_seconds: float) -> None:
        """Choose what the file remembers: space is given back in steps, writes go to a log."""
        deadline = time.monotonic() + busy_timeout_seconds
        while not _is_write_ahead(engine):
            if time.monotonic() > deadline:
                raise LibraryLockedError(self._locked())
            time.sleep(SWITCH_PAUSE_SECONDS)

    def back_up(self, session: Session, label: str) -> str:
        """Copy the file as it was committed last, beside it."""
        beside = self.path.with_name(f"{self.path.name}.{label}")
        making = beside.with_name(f".{beside.name}.{os.getpid()}")
        with named_file_errors(beside):
            os.close(os.open(making, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))
            with (
                closing(sqlite3.connect(self.path)) as here,
                closing(sqlite3.connect(making)) as to,
            ):
                here.backup(to)
            bring_to_disk(making)
            making.replace(beside)
            bring_to_disk(beside.parent)
        return str(beside)

    def settle(self, engine: Engine) -> None:
        """Let SQLite decide which tables changed so much that it looks at them again."""
        with closing(engine.raw_connection()) as raw, suppress(sqlite3.OperationalError):
            raw.cursor().execute("PRAGMA optimize")

    def reclaim(self, engine: Engine) -> None:
        """Shorten the file to what is used, and empty the log; readers may go on."""
        with closing(engine.raw_connection()) as raw:
            connection = raw.driver_connection
            if connection is None:
                return
            with suppress(sqlite3.OperationalError):  # somebody is writing: the next time will do
                connection.execute("INSERT INTO evidence_text(evidence_text) VALUES ('optimize')")
                (mode,) = connection.execute("PRAGMA auto_vacuum").fetchone()
                if mode == INCREMENTAL_VACUUM:
                    # As a script, which is stepped to its end; execute() frees a single page.
                    connection.executescript("PRAGMA incremental_vacuum")
                else:  # made by 0.1, which did not ask for it
                    connection.execute(f"PRAGMA auto_vacuum = {INCREMENTAL_VACUUM}")
                    connection.execute("VACUUM")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def damage(self, session: Session) -> Iterator[str]:
        """Ask SQLite to look at every page; what it says of full text, that index says itself."""
        for (found,) in session.execute(text(f"PRAGMA integrity_check({MOST_PROBLEMS})")):
            if found != "ok" and "FTS5 table" not in str(found):
                yield str(found)

    def named(self, error: BaseException | None) -> Exception:
        """Go by SQLite's own names of what went wrong."""
        if isinstance(error, sqlite3.IntegrityError):
            return ValueError(f"the records contradict each other: {error}")
        name = getattr(error, "sqlite_errorname", "")
        # Where a file cannot be made or brought to the disk SQLite does not say why.
        if name.startswith("SQLITE_FULL") or (
            name.startswith(("SQLITE_IOERR", "SQLITE_CANTOPEN")) and is_full(self.path.parent)
        ):
            return LibraryFullError(
                f"no space left to write {self.path}; free some, then run the command again"
            )
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return LibraryLockedError(self._locked())
        if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")):
            return LibraryError(
                f"{self.path} cannot be opened for writing ({error}); "
                "check the permissions of its folder"
            )
        if name.startswith("SQLITE_IOERR"):
            return LibraryError(
                f"{self.path} could not be read or written ({error}); check the disk it is on"
            )
        return LibraryDamagedError(
            f"{self.path} cannot be used as a catalogue ({error}); run `cinedex check --repair` to "
            "save what can be read"
        )

    def _locked(self) -> str:
        return f"another process is writing {self.path}; wait for it to finish, then try again"


def _prepare_connection(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself; begin() does
    connection.execute("PRAGMA foreign_keys = ON")
    # Deleted rows are overwritten where that costs no further write: what is removed is gone.
    connection.execute("PRAGMA secure_delete = FAST")
    # SQLite's own knows plain Latin letters only.
    connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _is_write_ahead(engine: Engine) -> bool:
    """Try to switch once; SQLite does not wait for others here, whatever the busy timeout says."""
    with engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        if raw is None:
            return False
        try:
            raw.execute(f"PRAGMA auto_vacuum = {INCREMENTAL_VACUUM}")  # heeded while it is empty
            raw.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname.startswith("SQLITE_BUSY"):
                return False
            raise
        return True
