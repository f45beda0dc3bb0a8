import logging
import shutil

import numpy as np
import pytest

from store.errors import LibraryDamagedError
from store.library import Library
from store.vector_indexes import compaction, files, space_state
from store.vector_indexes.base_file import is_whole, load
from tests.postgresql import WITH_VECTOR_FILES

# What is asked of every vector index is in tests/contracts; here it is about files.
pytestmark = WITH_VECTOR_FILES

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


def base_of(library):
    library.compact(is_forced=True)
    [path] = (library.root / "vectors").glob("*.vectors")
    return path


def reopened(library):
    library.close()
    return Library.open(library.root)


def test_results_equal_brute_force_from_sql_and_from_the_file(library, indexed):
    library.publish(indexed)
    assert_exact(library)
    base = base_of(library)
    assert_exact(library)
    written = base.stat().st_mtime_ns
    with reopened(library) as again:
        assert_exact(again)
        again.compact(is_forced=True)
    assert base.stat().st_mtime_ns == written  # read, and nothing was to do


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
def test_a_damaged_file_is_not_used_and_made_again(library, indexed, damage):
    library.publish(indexed)
    base = base_of(library)
    library.close()
    damage(base)
    with Library.open(library.root) as again:
        assert_exact(again)
        assert base_of(again) == base
        assert_exact(again)
    assert is_whole(base)
    with Library.open(library.root) as third:
        assert_exact(third)


def test_what_must_be_read_whole_is_kept_and_told_of(library, indexed, monkeypatch):
    monkeypatch.setattr(files, "LEAST_CHANGED_ROWS", ROWS - 1)
    library.publish(indexed)
    told = []
    library.close()
    with Library.open(library.root, on_rows=lambda *rows: told.append(rows)) as again:
        assert_exact(again)
    assert told[-1] == (ROWS, ROWS)
    [base] = (library.root / "vectors").glob("*.vectors")
    assert is_whole(base)
    told.clear()
    with Library.open(library.root, on_rows=lambda *rows: told.append(rows)) as third:
        assert_exact(third)
    assert told == []


def test_what_was_published_since_is_found_beside_the_file(library, indexed, make_video):
    library.publish(make_video("a", ["x"] * ROWS, vectors=unit_rows(9, ROWS)))
    stale = base_of(library).read_bytes()
    library.publish(indexed)
    assert_exact(library)
    with reopened(library) as again:
        assert_exact(again)
    [base] = (library.root / "vectors").glob("*.vectors")
    assert base.read_bytes() == stale


def test_a_file_of_another_library_is_not_believed(library, indexed, make_video, tmp_path):
    library.publish(indexed)
    with Library.create(tmp_path / "other") as other:
        other.publish(make_video("a", ["x"] * ROWS, vectors=unit_rows(9, ROWS)))
        foreign = base_of(other)
        shutil.copy(foreign, library.root / "vectors" / foreign.name)
    assert_exact(library)


def test_a_bad_file_in_place_of_a_good_one_is_tried_once(library, indexed, caplog):
    library.publish(indexed)
    base = base_of(library)
    assert_exact(library)
    bad = base.with_name("bad")
    bad.write_bytes(b"nonsense")
    bad.replace(base)
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            assert_exact(library)  # from the old file, which is still mapped
    library.close()
    assert len([record for record in caplog.records if "damaged" in record.message]) == 1


def test_a_file_that_cannot_be_written_is_said_and_not_needed(library, indexed, caplog):
    library.publish(indexed)
    library._compactor.stop()  # it may be making the lock file this very moment
    shutil.rmtree(library.root / "vectors")
    (library.root / "vectors").write_text("in the way")
    with caplog.at_level(logging.WARNING):
        library.compact(is_forced=True)
    assert "cannot be written" in caplog.text
    assert_exact(library)


def test_vectors_of_a_wrong_length_are_named(library, indexed, sql):
    library.publish(indexed)
    sql(library, "UPDATE embedding SET vector = :short WHERE id = 3", short=b"00")
    with reopened(library) as again, pytest.raises(LibraryDamagedError, match="text:mini@1"):
        search(again)


def test_k_beyond_what_there_is_returns_all_of_it(library, indexed):
    library.publish(indexed)
    assert [len(hits) for hits in search(library, 10_000)] == [ROWS] * 3
    assert library.search_vectors("text:mini@1", QUERIES[:0], 5, query_encoder_id="mini@1") == []


@pytest.fixture
def small_graphs(monkeypatch):
    """Graphs above 100 vectors, so that a test can have some."""
    monkeypatch.setattr(compaction, "MOST_EXACT_ROWS", 100)
    monkeypatch.setattr(space_state, "MOST_SCANNED_ROWS", 50)


def test_who_has_an_old_file_open_does_not_grow_the_new_one(
    library, indexed, make_video, small_graphs
):
    far = np.zeros((30, DIMENSION), np.float32)
    library.publish(indexed)
    library.compact(is_forced=True)
    assert_exact(library)
    with Library.open(library.root) as other:
        other.publish(make_video("b", ["other"] * 30, vectors=far))
        other.compact(is_forced=True)  # puts another file in place of the one we have open
        library.publish(make_video("c", ["more"] * 20, vectors=far))
        library.compact(is_forced=True)
    [path] = (library.root / "vectors").glob("*.vectors")
    base = load(path)
    assert base.index.num_rows == len(base.columns) == ROWS + 50
    with reopened(library) as again:
        assert_exact(again)


def test_a_graph_is_searched_as_wide_as_its_vectors_ask(library, indexed, small_graphs):
    library.publish(indexed)
    [path] = [base_of(library)]
    base = load(path)
    assert (base.index.kind, base.stamp.ef_search) == ("hnsw", base.index.ef_search)
    assert 0 < base.stamp.ef_search <= 4096
    assert_exact(library)


def test_a_graph_that_finds_too_little_is_not_kept_nor_tried_again_soon(
    library, indexed, make_video, small_graphs, monkeypatch
):
    asked = []
    monkeypatch.setattr(compaction, "search_width", lambda graph, *_: asked.append(graph.num_rows))
    library.publish(indexed)
    base = load(base_of(library))
    assert (base.index.kind, base.stamp.refused_rows, asked) == ("flat", ROWS, [ROWS])
    assert_exact(library)
    library.publish(make_video("b", ["x"] * 50, vectors=-unit_rows(5, 50)))
    assert load(base_of(library)).stamp.refused_rows == ROWS
    assert asked == [ROWS]
    library.publish(make_video("c", ["x"] * 200, vectors=-unit_rows(6, 200)))
    library.compact(is_forced=True)
    assert asked == [ROWS, ROWS + 250]  # more than twice as many: worth another try
