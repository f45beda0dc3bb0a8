"""Which revision of the schema a catalogue has, and how it gets to the one this code speaks.

Apart from the migrations so that opening an up-to-date library does not load Alembic.
"""

from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from store.database import Database
from store.errors import LibraryDamagedError, LibraryNewerError

HEAD_REVISION = "0001"
MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(database: Database) -> None:
    """Bring an empty or older catalogue to ``HEAD_REVISION``, in one transaction.

    Raises:
        LibraryNewerError: It has a revision that this code has never heard of.
    """
    with database.writing() as session:
        revision = _revision(session)
        if revision == HEAD_REVISION:
            return
        _upgrade(session, revision, database.path)


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
            f"{database.path} holds no catalogue; restore it from a backup, "
            "or delete the library and index again"
        )
    if revision != HEAD_REVISION:
        migrate(database)


def _revision(session: Session) -> str | None:
    if not inspect(session.connection()).has_table("alembic_version"):
        return None
    found = session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _upgrade(session: Session, revision: str | None, path: Path) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise LibraryNewerError(
            f"{path} was written by a newer cinedex (schema {revision}, this one knows up to "
            f"{HEAD_REVISION}); upgrade cinedex"
        )
    config.attributes["connection"] = session.connection()
    command.upgrade(config, "head")
