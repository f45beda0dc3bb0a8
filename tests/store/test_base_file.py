import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.vector_indexes import base_file
from store.vector_indexes.base_file import VectorStamp
from store.vector_indexes.faiss_index import FLAT, HNSW, FaissIndex
from store.vector_indexes.rows import VectorColumns

FLOAT32_SUM = 1e-5  # order of summation differs between faiss and numpy
STAMP = VectorStamp("text:mini@1", "mini@1", 3, 7)


def halves(rng, rows, dimension):
    vectors = rng.standard_normal((rows, dimension), dtype=np.float32)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16)


def columns(rows):
    numbers = np.arange(len(rows))
    return VectorColumns(
        row=np.array(rows, "<i8"),
        publication=numbers.astype("<i8") + 10,
        start=numbers.astype("<i4"),
        end=numbers.astype("<i4") + 1,
        kind=np.zeros(len(rows), "i1"),
        language=np.zeros(len(rows), "<i4"),
        speaker=np.ones(len(rows), "<i4"),
        words=("en", "jon"),
    )


def silent(_done):
    pass


@settings(max_examples=50)
@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(0, 60),
    dimension=st.sampled_from([1, 3, 8, 33]),
    k=st.integers(1, 80),
    share=st.none() | st.floats(0, 1),
)
def test_scanning_equals_brute_force(seed, rows, dimension, k, share):
    rng = np.random.default_rng(seed)
    codes = halves(rng, rows, dimension)
    queries = halves(rng, 3, dimension).astype(np.float32)
    selected = None if share is None else rng.random(rows) < share
    kept = np.arange(rows) if selected is None else np.flatnonzero(selected)
    scores, found = FaissIndex.flat(codes).search(queries, k, selected)

    exact = queries.astype(np.float64) @ codes.astype(np.float64).T
    best = -np.sort(-exact[:, kept], axis=1)[:, :k]
    np.testing.assert_allclose(scores, best, atol=FLOAT32_SUM)
    for query, row in enumerate(found.tolist()):
        assert len(set(row)) == len(row)
        assert set(row) <= set(kept.tolist())
        np.testing.assert_allclose(exact[query, row], best[query], atol=FLOAT32_SUM)


def test_equal_scores_come_in_order_of_position():
    _, found = FaissIndex.flat(np.ones((4, 2), np.float16)).search(np.ones((1, 2), np.float32), 4)
    assert found.tolist() == [[0, 1, 2, 3]]


def test_a_graph_holds_the_same_codes_and_can_be_scanned():
    codes = halves(np.random.default_rng(0), 500, 16)
    graph = FaissIndex.graph(codes, silent)
    assert (graph.kind, graph.num_rows) == (HNSW, 500)
    np.testing.assert_array_equal(graph.codes(), codes)
    queries = codes[:5].astype(np.float32)
    exact = FaissIndex.flat(codes).search(queries, 10)[1]
    np.testing.assert_array_equal(graph.search(queries, 10)[1], exact)
    np.testing.assert_array_equal(graph.search(queries, 10, is_exact=False)[1], exact)


def test_what_is_overwritten_leaves_the_codes_and_the_others_are_still_found():
    codes = halves(np.random.default_rng(0), 500, 16)
    graph = FaissIndex.graph(codes, silent)
    gone = np.arange(0, 500, 10)
    graph.overwrite(gone)
    assert not any(codes[row].tobytes() in graph.codes().tobytes() for row in gone)
    alive = np.ones(500, bool)
    alive[gone] = False
    queries = codes[5:105:10].astype(np.float32)
    _, found = graph.search(queries, 1, alive, is_exact=False)
    assert found[:, 0].tolist() == list(range(5, 105, 10))


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "x.vectors"
    index = FaissIndex.flat(np.eye(3, dtype=np.float16)[:2])
    base_file.save(path, STAMP, index, columns([4, 8]), np.array([10, 11, 99]))
    return path


def test_what_was_saved_is_there_and_nothing_lies_beside_it(saved):
    base = base_file.load(saved)
    assert base.stamp == base_file.read_stamp(saved) == STAMP
    assert (base.index.kind, base.index.num_rows) == (FLAT, 2)
    np.testing.assert_array_equal(base.index.codes(), np.eye(3, dtype=np.float16)[:2])
    assert base.columns.row.tolist() == [4, 8]
    assert base.columns.publication.tolist() == [10, 11]
    assert base.columns.speaker.tolist() == [1, 1]
    assert base.columns.words == ("en", "jon")
    assert base.publications.tolist() == [10, 11, 99]
    assert os.listdir(saved.parent) == [saved.name]
    assert saved.stat().st_mode & 0o777 == 0o600


def test_a_torn_file_is_not_believed_wherever_it_ends(saved):
    whole = saved.read_bytes()
    for end in range(len(whole)):
        saved.write_bytes(whole[:end])
        assert base_file.load(saved) is None, end
    saved.write_bytes(whole + b"\0")
    assert base_file.load(saved) is None


def test_a_flipped_bit_is_not_believed_wherever_it_is(saved):
    whole = bytearray(saved.read_bytes())
    for place in range(len(whole)):
        whole[place] ^= 1
        saved.write_bytes(whole)
        assert base_file.load(saved) is None, place
        assert not base_file.is_whole(saved)
        whole[place] ^= 1
    saved.write_bytes(whole)
    assert base_file.is_whole(saved)


def test_a_whole_file_whose_stamp_lacks_something_is_not_believed(saved, monkeypatch):
    index, base = FaissIndex.flat(np.eye(3, dtype=np.float16)[:2]), base_file.load(saved)
    monkeypatch.setattr(base_file, "asdict", lambda stamp: {"space_id": stamp.space_id})
    base_file.save(saved, STAMP, index, base.columns, base.publications)
    assert base_file.is_whole(saved)
    assert base_file.load(saved) is None
    assert base_file.read_stamp(saved) is None


def test_a_missing_file_or_a_folder_in_its_place_is_not_believed(tmp_path):
    assert base_file.load(tmp_path / "missing") is None
    assert base_file.load(tmp_path) is None


def test_a_failure_while_writing_leaves_the_old_file_and_nothing_else(saved, monkeypatch):
    whole = saved.read_bytes()

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        base_file.save(
            saved, STAMP, FaissIndex.flat(np.eye(3, dtype=np.float16)), columns([1, 2, 3]),
            np.array([1]),
        )  # fmt: skip
    assert saved.read_bytes() == whole
    assert os.listdir(saved.parent) == [saved.name]


def test_one_process_at_a_time_replaces_files(tmp_path):
    other = (
        "import sys; from pathlib import Path; from store.vector_indexes.base_file import alone\n"
        "with alone(Path(sys.argv[1])) as is_alone: print(is_alone)"
    )
    said = []
    for _ in range(2):
        with base_file.alone(tmp_path) as is_alone:
            assert is_alone
            run = [sys.executable, "-c", other, tmp_path]
            said.append(subprocess.run(run, capture_output=True, text=True, check=True).stdout)
    with base_file.alone(tmp_path) as is_alone:
        assert is_alone
    assert said == ["False\n", "False\n"]
