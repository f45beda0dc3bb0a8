import torch
from hypothesis import given
from hypothesis import strategies as st

from reasoner.videomind.checkpoints.row_delta import RowDelta, changed_rows, with_rows

NAN = float("nan")


def test_only_rows_that_changed_are_told() -> None:
    base = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]).bfloat16()
    matrix = torch.tensor([[1.0, 2.0], [3.0, 4.5], [5.0, 6.0]]).half()
    delta = changed_rows(matrix, base)
    assert delta.indices.tolist() == [1]
    assert delta.rows.tolist() == [[3.0, 4.5]]
    assert with_rows(base, delta).tolist() == matrix.tolist()


def test_a_nan_that_stays_is_no_change_and_a_sign_of_zero_is_one() -> None:
    base = torch.tensor([[NAN], [0.0]])
    assert changed_rows(torch.tensor([[NAN], [-0.0]]), base).indices.tolist() == [1]


def test_nothing_changed() -> None:
    base = torch.ones(3, 2)
    delta = changed_rows(base.half(), base)
    assert delta.rows.shape == (0, 2)
    assert (with_rows(base, delta) == 1).all()


def test_the_base_is_left_alone() -> None:
    base = torch.zeros(2, 1)
    with_rows(base, RowDelta(torch.tensor([0], dtype=torch.int32), torch.ones(1, 1)))
    assert base.tolist() == [[0], [0]]


@given(
    seed=st.integers(0, 2**32),
    shape=st.tuples(st.integers(1, 20), st.integers(1, 5)),
    dtype=st.sampled_from([torch.float32, torch.float16, torch.bfloat16]),
    data=st.data(),
)
def test_every_bit_comes_back(
    seed: int, shape: tuple[int, int], dtype: torch.dtype, data: st.DataObject
) -> None:
    draw = torch.Generator().manual_seed(seed)
    base = torch.randn(shape, generator=draw).bfloat16()
    rows = data.draw(st.sets(st.integers(0, shape[0] - 1)))
    matrix = base.to(dtype)
    matrix[list(rows)] = torch.randn((len(rows), shape[1]), generator=draw).to(dtype)
    delta = changed_rows(matrix, base)
    assert set(delta.indices.tolist()) <= rows
    back = with_rows(base, delta)
    assert back.dtype == dtype
    assert back.view(torch.uint8).tolist() == matrix.view(torch.uint8).tolist()
