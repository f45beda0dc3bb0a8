"""Which database and which vector index a library's settings name."""

from pathlib import Path

from store.backends.sqlite import SqliteBackend
from store.database import Database
from store.interfaces import Backend, OnRows, VectorIndex
from store.layout import PGVECTOR, Layout, LibrarySettings
from store.vector_indexes.files import VectorFiles


def open_database(
    layout: Layout, settings: LibrarySettings, busy_timeout_seconds: float
) -> Database:
    """Make ready the database that holds the catalogue; nothing is read yet.

    Raises:
        ConfigError: The settings name no database that can hold one.
        LibraryPlaceError: It cannot be kept where it lies.
    """
    return Database(_backend(layout.catalogue, settings), busy_timeout_seconds)


def open_vector_index(
    layout: Layout, settings: LibrarySettings, database: Database, on_rows: OnRows | None
) -> VectorIndex:
    """Make ready the vector index of a catalogue that is there.

    Raises:
        ConfigError: The database cannot hold the one that the settings name.
    """
    if settings.vectors == PGVECTOR:
        from store.vector_indexes.pgvector import PgVectorIndex

        index = PgVectorIndex(database)
        index.prepare(on_rows)
        return index
    return VectorFiles(layout.vectors, database.text_index, on_rows)


def _backend(path: Path, settings: LibrarySettings) -> Backend:
    if settings.catalogue is None:
        return SqliteBackend(path)
    from store.backends.postgresql import PostgreSqlBackend

    return PostgreSqlBackend(settings.catalogue)
