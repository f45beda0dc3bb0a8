import numpy as np
import pytest

from store.errors import RecallTooLowError
from store.library import Library
from store.vector_indexes import quantising
from store.vector_indexes.base_file import load

QUERIES = 20


def vectors(rng, rows, levels, dimension=16):
    """Rows whose numbers take few values: a byte then says two of them exactly."""
    values = rng.standard_normal((dimension, levels))
    chosen = rng.integers(0, levels, (rows, dimension))
    return (values[np.arange(dimension), chosen] / 4).astype(np.float16)


@pytest.fixture
def few_rows_will_do(monkeypatch):
    monkeypatch.setattr(quantising, "LEAST_ROWS", 300)


@pytest.fixture
def published(sqlite_library, make_video):
    def publish(levels, rows=600):
        codes = vectors(np.random.default_rng(3), rows, levels).astype(np.float32)
        sqlite_library.publish(make_video("a", ["word"] * rows, vectors=codes))
        sqlite_library.compact(is_forced=True)
        return codes

    return publish


def found(library, codes):
    hits = library.search_vectors("text:mini@1", codes[:QUERIES], 5, query_encoder_id="mini@1")
    return [[hit.evidence.ordinal for hit in row] for row in hits]


def base_of(library):
    [path] = (library.root / "vectors").glob("*.vectors")
    return path


@pytest.mark.filterwarnings("ignore")
def test_vectors_that_can_be_quantised_are_and_stay_so(
    sqlite_library, published, few_rows_will_do, make_video
):
    library = sqlite_library
    codes = published(levels=5)
    before = base_of(library).stat().st_size
    library.quantise()
    base = load(base_of(library))
    assert base.index.kind == "pq"
    assert quantising.recall_of(base.index, codes.astype(np.float16)) >= quantising.LEAST_RECALL
    with Library.open(library.root) as again:
        near = found(again, codes)
    assert sum(row in near[row] for row in range(QUERIES)) >= 0.95 * QUERIES
    assert before > 0
    library.publish(make_video("b", ["more"], vectors=codes[:1]))
    library.remove("b" * 32)
    library.compact(is_forced=True)
    assert load(base_of(library)).index.kind == "pq"


@pytest.mark.filterwarnings("ignore")
def test_vectors_that_would_be_lost_are_refused_and_stay(
    sqlite_library, published, few_rows_will_do
):
    codes = published(levels=600)
    whole = base_of(sqlite_library).read_bytes()
    with pytest.raises(RecallTooLowError, match=r"0\.\d+ of the nearest 10 .* stay as they are"):
        sqlite_library.quantise()
    assert base_of(sqlite_library).read_bytes() == whole
    assert found(sqlite_library, codes)[0][0] == 0


def test_too_few_vectors_are_refused(sqlite_library, published):
    published(levels=5)
    with pytest.raises(RecallTooLowError, match="holds 600 vectors"):
        sqlite_library.quantise()
