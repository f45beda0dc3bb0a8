import sqlite3
import subprocess
import sys
from contextlib import closing

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from store.schema import HEAD_REVISION, MIGRATIONS
from store.tables import Table


def test_the_migrations_build_what_the_tables_declare(library):
    def is_ours(_object, name, kind, _reflected, _compared):
        return kind != "table" or not name.startswith(("evidence_te", "term", "text_statistics"))

    with library._database.reading() as session:
        opts = {"include_object": is_ours}
        context = MigrationContext.configure(session.connection(), opts=opts)
        assert compare_metadata(context, Table.metadata) == []


def test_the_revision_that_the_code_speaks_is_the_newest():
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [HEAD_REVISION]


def test_the_catalogue_is_set_up_for_readers_beside_a_writer(sqlite_library):
    library = sqlite_library
    with closing(sqlite3.connect(library.root / "catalogue.sqlite")) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with library._database.reading() as session:
        raw = session.connection().connection.dbapi_connection
        assert raw.execute("PRAGMA foreign_keys").fetchone() == (1,)
        assert raw.execute("PRAGMA busy_timeout").fetchone()[0] >= 1000


def test_opening_a_library_loads_neither_models_nor_faiss_nor_alembic(library):
    code = (
        "import sys; from pathlib import Path; from store.library import Library\n"
        f"with Library.open(Path({str(library.root)!r})) as library: library.videos()\n"
        "print([name for name in ('torch', 'faiss', 'alembic') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
