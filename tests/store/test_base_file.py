import json
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store.vectors import MAGIC, VectorIndex, VectorStamp

FLOAT32_SUM = 1e-5  # order of summation differs between faiss and numpy
STAMP = VectorStamp("text:mini@1", 3, 7, "token", 2)


def halves(rng, rows, dimension):
    """Vectors that half precision holds exactly, as the catalogue's are."""
    vectors = rng.standard_normal((rows, dimension), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float16).astype(np.float32)


@settings(deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(0, 60),
    dimension=st.sampled_from([1, 3, 8, 33]),
    k=st.integers(1, 80),
    share=st.none() | st.floats(0, 1),
)
def test_search_equals_brute_force(seed, rows, dimension, k, share):
    rng = np.random.default_rng(seed)
    vectors, queries = halves(rng, rows, dimension), halves(rng, 3, dimension)
    ids = np.sort(rng.choice(10_000, rows, replace=False)).astype(np.int64)
    index = VectorIndex.build(
        dimension, zip(np.array_split(ids, 3), np.array_split(vectors, 3), strict=True)
    )
    is_allowed = np.ones(rows, bool) if share is None else rng.random(rows) < share
    scores, found = index.search(queries, k, None if share is None else ids[is_allowed])

    exact = queries.astype(np.float64) @ vectors[is_allowed].T.astype(np.float64)
    best = -np.sort(-exact, axis=1)[:, :k]
    np.testing.assert_allclose(scores, best, atol=FLOAT32_SUM)
    place = {row_id: column for column, row_id in enumerate(ids[is_allowed].tolist())}
    for query, row in enumerate(found.tolist()):
        assert len(set(row)) == len(row)
        named = [exact[query, place[row_id]] for row_id in row]
        np.testing.assert_allclose(named, best[query], atol=FLOAT32_SUM)


def test_equal_scores_come_in_order_of_id():
    vectors = np.ones((4, 2), np.float32)
    index = VectorIndex.build(2, [(np.array([9, 3, 7, 5]), vectors)])
    _, ids = index.search(vectors[:1], 4)
    assert ids.tolist() == [[3, 5, 7, 9]]


@pytest.fixture
def saved(tmp_path):
    index = VectorIndex.build(3, [(np.array([4, 8]), np.eye(3, dtype=np.float32)[:2])])
    path = tmp_path / "x.vectors"
    index.save(path, STAMP)
    return path


def test_a_saved_index_is_the_same_and_nothing_lies_beside_it(saved):
    _, ids = VectorIndex.load(saved, STAMP).search(np.eye(3, dtype=np.float32)[1:2], 1)
    assert ids.tolist() == [[8]]
    assert os.listdir(saved.parent) == [saved.name]


@pytest.mark.parametrize(
    "other",
    [
        {"space_id": "text:other"},
        {"dimension": 4},
        {"generation": 8},
        {"token": "of another library"},
        {"num_rows": 3},
    ],
)
def test_a_file_of_another_state_is_not_trusted(saved, other):
    fields = {name: getattr(STAMP, name) for name in VectorStamp.__slots__}
    assert VectorIndex.load(saved, VectorStamp(**{**fields, **other})) is None


def test_a_torn_file_is_not_trusted_wherever_it_ends(saved):
    whole = saved.read_bytes()
    for end in range(len(whole)):
        saved.write_bytes(whole[:end])
        assert VectorIndex.load(saved, STAMP) is None, end
    saved.write_bytes(whole + b"\0")
    assert VectorIndex.load(saved, STAMP) is None


def test_a_flipped_bit_is_not_trusted_wherever_it_is(saved):
    whole = bytearray(saved.read_bytes())
    for place in range(len(whole)):
        whole[place] ^= 1
        saved.write_bytes(whole)
        assert VectorIndex.load(saved, STAMP) is None, place
        whole[place] ^= 1


@pytest.mark.parametrize(
    "header", [b"", b"[]\n", b"null\n", b"{}\n", b'{"sha256": 1}\n', b"\xff\n"]
)
def test_a_header_that_is_none_is_not_trusted(saved, header):
    saved.write_bytes(MAGIC + header)
    assert VectorIndex.load(saved, STAMP) is None


def test_the_stamp_can_be_read_without_faiss(saved):
    header = json.loads(saved.read_bytes().split(b"\n")[1])
    assert (header["space_id"], header["generation"], header["num_rows"]) == ("text:mini@1", 7, 2)


def test_a_missing_file_or_a_folder_in_its_place_is_not_trusted(tmp_path):
    assert VectorIndex.load(tmp_path / "missing", STAMP) is None
    assert VectorIndex.load(tmp_path, STAMP) is None
