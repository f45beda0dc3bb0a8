"""A catalogue in PostgreSQL: one library to a database, or to a schema of one.

A reader sees one snapshot (repeatable read); writers take turns on an advisory lock, so that a
library has one writer at a time here as it has in SQLite. The password stays where PostgreSQL's
clients keep theirs (``PGPASSFILE``, ``~/.pgpass``, a service file) or in the URL.

psycopg (LGPL) is installed by ``pip install cinedex[postgresql]`` and is not part of cinedex.
"""

from collections.abc import Iterator
from importlib.util import find_spec

from sqlalchemy import URL, Connection, Engine, create_engine, inspect, make_url, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from store.errors import (
    ConfigError,
    LibraryConnectionError,
    LibraryDamagedError,
    LibraryError,
    LibraryFullError,
    LibraryLockedError,
)
from store.text_indexes.tsvector import TsvectorIndex

SCHEME = "postgresql"
# Beyond the five that are kept; a server allows some hundred in all.
MOST_MORE_CONNECTIONS = 25
_TAKE_TURNS = "SELECT pg_advisory_xact_lock(hashtext('cinedex'), hashtext(current_schema()))"
_FULL = ("53100", "53200")  # disk, memory
_DAMAGED = ("XX", "22", "42P01", "42703", "3F000")  # the server's own words, values, no such table
_LOCKED = ("55P03", "40P01", "40001")  # not in time, deadlock, serialisation
_REFUSED = ("42501", "28000", "28P01", "25006")  # privilege, login, password, read only
_GONE = ("08", "57P", "53300")  # connection, shut down by an operator, too many connections


class PostgreSqlBackend:
    """One database on a server.

    Args:
        url: As libpq and SQLAlchemy write it: ``postgresql://user@host:port/database``.

    Raises:
        ConfigError: It is no such URL, or the driver is not installed.
    """

    def __init__(self, url: str) -> None:
        self._url = _checked(url)
        self.text_index = TsvectorIndex()
        self._lock_timeout = ""

    @property
    def place(self) -> str:
        """The URL without its password."""
        return self._url.set(drivername=SCHEME).render_as_string(hide_password=True)

    def connect(self, busy_timeout_seconds: float) -> Engine:
        """Make the engine; a pooled connection is tried before it is used."""
        self._lock_timeout = f"SET LOCAL lock_timeout = {int(busy_timeout_seconds * 1000)}"
        return create_engine(
            self._url,
            pool_pre_ping=True,
            max_overflow=MOST_MORE_CONNECTIONS,
            connect_args={
                "application_name": "cinedex",
                "connect_timeout": max(2, int(busy_timeout_seconds)),
            },
        )

    def begin(self, connection: Connection, *, writes: bool) -> None:
        """Fix a reader's snapshot; let a writer wait for its turn."""
        if writes:
            connection.exec_driver_sql(self._lock_timeout)
            connection.exec_driver_sql(_TAKE_TURNS)
        else:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")

    def prepare(self, engine: Engine, busy_timeout_seconds: float) -> None:
        """Nothing: the database is there, and its settings are its administrator's."""

    def back_up(self, session: Session, label: str) -> str:
        """Copy every table into a schema of its own, in the upgrade's transaction."""
        connection = session.connection()
        here = connection.execute(text("SELECT current_schema()")).scalar_one()
        quote = connection.dialect.identifier_preparer.quote
        copy = quote(f"{here}_{label}")
        connection.execute(text(f"CREATE SCHEMA {copy}"))
        for table in inspect(connection).get_table_names(schema=here):
            names = f"{copy}.{quote(table)} AS TABLE {quote(here)}.{quote(table)}"
            connection.execute(text(f"CREATE TABLE {names}"))
        return f"schema {copy} of {self.place}"

    def settle(self, engine: Engine) -> None:
        """Count anew now; the server does so by itself after a minute or so."""
        _run_on_tables(engine, "ANALYZE")

    def reclaim(self, engine: Engine) -> None:
        """Let the server reuse the space; it gives it back to the disk as it sees fit."""
        _run_on_tables(engine, "VACUUM")

    def damage(self, session: Session) -> Iterator[str]:
        """Nothing to add: the server checks its pages (``data_checksums``) and its keys."""
        yield from ()

    def named(self, error: BaseException | None) -> Exception:
        """Go by the five-letter codes of the SQL standard and PostgreSQL."""
        code = getattr(error, "sqlstate", None) or ""
        said = str(error).strip().splitlines()[0] if error and str(error).strip() else "no reason"
        if code.startswith("23"):
            return ValueError(f"the records contradict each other: {said}")
        if code in _FULL:
            return LibraryFullError(
                f"no space left for {self.place} ({said}); free some, then run the command again"
            )
        if code in _LOCKED:
            return LibraryLockedError(
                f"another process is writing {self.place}; wait for it to finish, then try again"
            )
        if code in _REFUSED:
            return LibraryError(f"{self.place} refuses ({said}); check user, password and rights")
        if code.startswith(_GONE) or (not code and _is_connection_lost(error)):
            return LibraryConnectionError(
                f"{self.place} cannot be reached ({said}); see that the server is running and the "
                "URL in library.toml is right, then run the command again"
            )
        if code.startswith(_DAMAGED):
            return LibraryDamagedError(
                f"{self.place} cannot be used as a catalogue ({code}: {said}); restore it from a "
                "backup"
            )
        return LibraryError(f"{self.place} could not do it ({code}: {said}); try again")


def _is_connection_lost(error: BaseException | None) -> bool:
    """Go by the DB-API's names where the server had no chance to say a code."""
    return type(error).__name__ in ("OperationalError", "InterfaceError", "ConnectionTimeout")


def _run_on_tables(engine: Engine, statement: str) -> None:
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        for table in ("evidence_text", "term", "embedding", "evidence", "clip", "video"):
            connection.execute(text(f"{statement} {table}"))


def _checked(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigError(f"no database URL: {error}; write postgresql://user@host/name") from error
    if parsed.drivername not in (SCHEME, f"{SCHEME}+psycopg"):
        raise ConfigError(
            f"no catalogue can be kept in {parsed.drivername!r}; write postgresql://user@host/name"
        )
    if find_spec("psycopg") is None:
        raise ConfigError("PostgreSQL needs its driver; run: pip install 'cinedex[postgresql]'")
    return parsed.set(drivername=f"{SCHEME}+psycopg")
