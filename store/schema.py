"""Which revision of the schema a catalogue has, and how it gets to the one this code speaks.

Apart from the migrations so that opening an up-to-date library does not load Alembic.
"""

import logging
import re
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from store.database import Database
from store.errors import LibraryDamagedError, LibraryNewerError

HEAD_REVISION = "0005"
MIGRATIONS = Path(__file__).parent / "migrations"

# Revisions are numbered; anything else was not written by a cinedex.
_REVISION = re.compile("[0-9]{4}")

_logger = logging.getLogger(__name__)


def migrate(database: Database) -> None:
    """Bring an empty or older catalogue to ``HEAD_REVISION``, in one transaction.

    An older one is copied first.

    Raises:
        LibraryNewerError: It has a revision that this code has never heard of.
    """
    with database.writing() as session:
        revision = _revision(session)
        if revision == HEAD_REVISION:
            return
        _require_known(revision, database.place)
        if revision is not None:
            copy = database.backend.back_up(session, f"before_{HEAD_REVISION}")
            _logger.warning("%s is upgraded; as it was it is kept in %s", database.place, copy)
        _upgrade(session)


def require_current(database: Database) -> None:
    """Check that the catalogue speaks this code's schema, and migrate it where it is older.

    Raises:
        LibraryDamagedError: The file is a database without a schema.
        LibraryNewerError: It has a revision that this code has never heard of.
    """
    with database.reading() as session:
        revision = _revision(session)
    if revision is None:
        raise LibraryDamagedError(
            f"{database.place} holds no catalogue; restore it from a backup, "
            "or delete the library and index again"
        )
    if revision != HEAD_REVISION:
        migrate(database)


def _revision(session: Session) -> str | None:
    if not inspect(session.connection()).has_table("alembic_version"):
        return None
    found = session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _require_known(revision: str | None, place: str) -> None:
    from alembic.script import ScriptDirectory

    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    if revision is not None and revision not in known:
        if not _REVISION.fullmatch(revision):
            raise LibraryDamagedError(
                f"{place} says that its schema is {revision!r}, which none is; run `cinedex check "
                "--repair` to save what can be read"
            )
        raise LibraryNewerError(
            f"{place} was written by a newer cinedex (schema {revision}, this one knows up to "
            f"{HEAD_REVISION}); upgrade cinedex"
        )


def _upgrade(session: Session) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = session.connection()
    command.upgrade(config, "head")
