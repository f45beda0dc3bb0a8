import gzip
import logging
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import select

from store.errors import LibraryDamagedError
from store.layout import LibrarySettings
from store.library import Library
from store.schema import HEAD_REVISION, MIGRATIONS
from store.tables import JudgementRow, Table, VideoRow
from tests.postgresql import WITH_VECTOR_FILES


@WITH_VECTOR_FILES
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


RELEASED = Path(__file__).parent / "data"


@pytest.fixture
def old_library(tmp_path):
    """A library as cinedex 0.1.0 left it: two videos, an answer and a judgement on it."""
    root = tmp_path / "old"
    (root / "vectors").mkdir(parents=True)
    (root / "thumbnails").mkdir()
    (root / "library.toml").write_text("format = 1\n")
    packed = (RELEASED / "catalogue_0001.sqlite.gz").read_bytes()
    (root / "catalogue.sqlite").write_bytes(gzip.decompress(packed))
    return root


def test_a_library_of_the_first_release_is_upgraded_with_all_that_is_in_it(
    old_library, sqlite_library, full_video, make_video, caplog
):
    with caplog.at_level(logging.WARNING), Library.open(old_library) as library:
        sqlite_library.publish(make_video("a", ["They argued about the red door", "nobody knows"]))
        sqlite_library.publish(replace(full_video, summaries=()))
        assert list(library.dump()) == list(sqlite_library.dump())
        assert library.summaries(full_video.video.video_id) == []
        assert library.answer(1) == {"text": "at 0:01"}
        assert [hit.evidence.ordinal for hit in library.search_text(["arguing"], 9)] == [0, 0]
        query = np.array([[1, 0, 0, 0]], dtype=np.float32)
        [hits] = library.search_vectors("text:mini@1", query, 9, query_encoder_id="mini@1")
        assert len(hits) == 4
        with library._database.reading() as session:
            numbers = session.scalars(select(VideoRow.publication)).all()
            assert session.scalars(select(JudgementRow.note)).all() == ["yes"]
        assert len(set(numbers)) == 2
        assert 0 not in numbers
        library.publish(make_video("b"))
        library.remove("a" * 32)
        assert [hit.evidence.text for hit in library.search_text(["door"], 9)] == ["a red door"]
    assert "as it was it is kept in" in caplog.text


def test_what_was_there_before_an_upgrade_is_kept(old_library):
    before = (old_library / "catalogue.sqlite").read_bytes()
    Library.open(old_library).close()
    kept = old_library / f"catalogue.sqlite.before_{HEAD_REVISION}"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert rows_of(kept) == rows_of_bytes(before, old_library)
    changed = kept.stat().st_mtime_ns
    Library.open(old_library).close()
    assert kept.stat().st_mtime_ns == changed


def rows_of(path):
    with closing(sqlite3.connect(path)) as raw:
        return list(raw.iterdump())


def rows_of_bytes(content, folder):
    path = folder / "copy.sqlite"
    path.write_bytes(content)
    return rows_of(path)


def test_an_upgrade_that_fails_leaves_the_old_catalogue(old_library):
    path = old_library / "catalogue.sqlite"
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("CREATE TABLE evidence_term (in_the_way)")
    before = rows_of(path)
    with pytest.raises(LibraryDamagedError, match="evidence_term"):
        Library.open(old_library)
    assert rows_of(path) == before


def test_two_that_open_an_old_library_at_once_upgrade_it_once(old_library):
    code = (
        "import sys; from pathlib import Path; from store.library import Library\n"
        "with Library.open(Path(sys.argv[1])) as library: print(len(library.videos()))"
    )
    run = [sys.executable, "-c", code, old_library]
    processes = [
        subprocess.Popen(run, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert [process.communicate()[0] for process in processes] == ["2\n"] * 3


@pytest.mark.postgres
def test_before_an_upgrade_postgresql_keeps_a_copy_in_a_schema(
    postgresql, tmp_path, make_video, sql
):
    settings = LibrarySettings(catalogue=postgresql.new_database())
    with Library.create(tmp_path / "library", settings=settings) as library:
        library.publish(make_video("a"))
        with library._database.writing() as session:
            kept = library._database.backend.back_up(session, "before_9999")
        assert "public_before_9999" in kept
        library.remove("a" * 32)
        found = sql(library, "SELECT title FROM public_before_9999.video")
        assert found == [("Film a",)]
