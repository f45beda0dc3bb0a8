import numpy as np
import pytest

from store.errors import ConfigError
from store.layout import LibrarySettings
from store.library import Library
from store.vector_indexes import graphs
from store.vector_indexes import pgvector as pgvector_index


def test_a_server_without_pgvector_is_named(tmp_path, postgresql):
    has_it = "SELECT FROM pg_available_extensions WHERE name = 'vector'"
    if postgresql.sql(has_it):
        pytest.skip("this server has pgvector")
    settings = LibrarySettings(postgresql.new_database(), "pgvector")
    with pytest.raises(ConfigError, match="apt install postgresql-NN-pgvector"):
        Library.create(tmp_path / "library", settings=settings)
    assert not (tmp_path / "library" / "library.toml").exists()


def test_sqlite_cannot_hold_it():
    with pytest.raises(ConfigError, match="name a PostgreSQL database"):
        LibrarySettings(vectors="pgvector")


def test_a_build_that_is_given_up_is_done_by_the_next(tmp_path, pgvector, make_video, monkeypatch):
    monkeypatch.setattr(pgvector_index, "MOST_EXACT_ROWS", 1000)
    monkeypatch.setattr(graphs, "POLL_SECONDS", 0.01)
    rows = np.random.default_rng(0).standard_normal((3000, 64), dtype=np.float32)
    settings = LibrarySettings(pgvector.new_database(), "pgvector")
    with Library.create(tmp_path / "library", settings=settings) as library:
        library._compactor.start = lambda: None
        library.publish(make_video("a", ["x"] * len(rows), vectors=rows))

        def give_up(done, total):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            library.compact(give_up)
        told = []
        library.compact(lambda done, total: told.append((done, total)))
        assert told[-1] == (3000, 3000)
        with library._database.reading() as session:
            assert len(graphs.names(session)) == 1
