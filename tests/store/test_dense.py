import logging
import shutil
import sqlite3
from contextlib import closing

import numpy as np
import pytest

from store.errors import LibraryDamagedError
from store.library import Library

FLOAT32_SUM = 1e-5  # order of summation differs between faiss and numpy
ROWS, DIMENSION = 200, 16


def unit_rows(seed, rows):
    rng = np.random.default_rng(seed)
    vectors = rng.standard_normal((rows, DIMENSION), dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


QUERIES = unit_rows(1, 3)
STORED = unit_rows(2, ROWS)
# What the catalogue keeps is half precision; the brute force sees the same.
EXACT = QUERIES @ STORED.astype(np.float16).astype(np.float32).T


@pytest.fixture
def indexed(make_video):
    return make_video("a", [f"sentence {i}" for i in range(ROWS)], vectors=STORED)


def search(library, k=20):
    return library.search_vectors("text:mini@1", QUERIES, k, query_encoder_id="mini@1")


def assert_exact(library):
    expected = np.argsort(-EXACT, axis=1)[:, :20]
    for query, hits in enumerate(search(library)):
        assert [hit.evidence.ordinal for hit in hits] == expected[query].tolist()
        scores = [hit.score for hit in hits]
        np.testing.assert_allclose(scores, EXACT[query, expected[query]], atol=FLOAT32_SUM)
        assert [hit.clip.ordinal for hit in hits] == expected[query].tolist()
        assert [hit.span for hit in hits] == [hit.evidence.span for hit in hits]


def cache_of(library):
    [path] = (library.root / "vectors").iterdir()
    return path


def reopened(library):
    library.close()
    return Library.open(library.root)


def test_results_equal_brute_force_cold_and_from_the_cache(library, indexed):
    library.publish(indexed)
    assert_exact(library)
    written = cache_of(library).stat().st_mtime_ns
    with reopened(library) as again:
        assert_exact(again)
    assert cache_of(library).stat().st_mtime_ns == written  # read, not built again


def damage_torn(path):
    path.write_bytes(path.read_bytes()[:-100])


def damage_other_bytes(path):
    content = bytearray(path.read_bytes())
    content[-50] ^= 0xFF
    path.write_bytes(content)


def damage_missing(path):
    path.unlink()


def damage_nonsense(path):
    path.write_bytes(b"not vectors")


@pytest.mark.parametrize(
    "damage", [damage_torn, damage_other_bytes, damage_missing, damage_nonsense]
)
def test_a_damaged_cache_is_built_again(library, indexed, damage):
    library.publish(indexed)
    search(library)
    damage(cache_of(library))
    with reopened(library) as again:
        assert_exact(again)
    whole = cache_of(library).read_bytes()
    with reopened(library) as again:
        assert_exact(again)
    assert cache_of(library).read_bytes() == whole


def test_a_stale_cache_is_built_again(library, indexed, make_video):
    library.publish(make_video("a", ["x"] * ROWS, vectors=unit_rows(9, ROWS)))
    search(library)
    stale = cache_of(library).read_bytes()
    library.publish(indexed)
    assert cache_of(library).read_bytes() == stale
    assert_exact(library)


def test_a_cache_of_another_library_in_the_same_generation_is_built_again(
    library, indexed, make_video, tmp_path
):
    with Library.create(tmp_path / "other") as other:
        other.publish(make_video("a", ["x"] * ROWS, vectors=unit_rows(9, ROWS)))
        search(other)
        library.publish(indexed)
        foreign = cache_of(other)
        shutil.copy(foreign, library.root / "vectors" / foreign.name)
    assert_exact(library)


def test_a_cache_that_cannot_be_written_is_said_and_not_needed(library, indexed, caplog):
    library.publish(indexed)
    (library.root / "vectors").rmdir()
    (library.root / "vectors").write_text("in the way")
    with caplog.at_level(logging.WARNING):
        assert_exact(library)
    assert "cannot be written" in caplog.text


def test_vectors_of_a_wrong_length_are_named(library, indexed):
    library.publish(indexed)
    with closing(sqlite3.connect(library.root / "catalogue.sqlite")) as raw, raw:
        raw.execute("UPDATE embedding SET vector = x'0000' WHERE id = 3")
    with pytest.raises(LibraryDamagedError, match="text:mini@1"):
        search(library)


def test_k_beyond_what_there_is_returns_all_of_it(library, indexed):
    library.publish(indexed)
    assert [len(hits) for hits in search(library, 10_000)] == [ROWS] * 3
    assert library.search_vectors("text:mini@1", QUERIES[:0], 5, query_encoder_id="mini@1") == []
