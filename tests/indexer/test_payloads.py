import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.payloads import joined, pack, parted, unpack


@given(
    st.dictionaries(st.text(max_size=5), st.floats(allow_nan=False, allow_infinity=False)),
    st.lists(st.binary(max_size=9), max_size=5),
)
def test_values_and_bytes_come_back_with_every_bit(values, chunks):
    read, arrays = unpack(pack(values, joined(chunks)))
    assert read == values
    assert parted(arrays) == chunks


def test_arrays_keep_their_type_and_equal_input_gives_equal_bytes():
    rows = np.arange(6, dtype=np.float16).reshape(2, 3)
    packed = pack({"b": 1, "a": "é"}, {"rows": rows})
    assert packed == pack({"a": "é", "b": 1}, {"rows": rows.copy()})
    _, arrays = unpack(packed)
    assert arrays["rows"].dtype == np.float16
    assert (arrays["rows"] == rows).all()


def test_undecodable_names_come_back():
    assert unpack(pack({"source": "caf\udce9.srt"}))[0] == {"source": "caf\udce9.srt"}


def test_objects_are_refused():
    with pytest.raises(ValueError, match="allow_pickle"):
        pack({}, {"rows": np.array([{}], dtype=object)})


def test_an_array_does_not_take_the_place_of_the_values() -> None:
    with pytest.raises(ValueError, match="values"):
        pack({"a": 1}, {"values": np.zeros(1)})
