import pytest

from indexer.parts import Part
from indexer.seating import CREW_BYTES, Node, plan_seats

PLENTY = 100 * CREW_BYTES


def where(seats, part):
    return [(seat.node_id, seat.num_gpus) for seat in seats if seat.part is part]


def test_one_of_each_kind_sits_on_each_core_and_none_on_a_head_without_cores():
    seats = plan_seats(
        [Node("head", 0, 0, PLENTY), Node("a", 1, 0, PLENTY), Node("b", 2, 0, PLENTY)]
    )
    for part in Part:
        assert where(seats, part) == [("a", 0), ("b", 0), ("b", 0)]
    assert sum(seat.num_cores for seat in seats if seat.node_id == "b") == pytest.approx(2.0)
    assert len(set(seats)) == len(seats)


def cores_of(seats, node_id):
    return sum(seat.num_cores for seat in seats if seat.node_id == node_id)


@pytest.mark.parametrize(
    ("cores", "gpus", "look", "crews"),
    [
        (1, 1, [1], 1),  # a crew with a GPU: nobody else could listen and describe
        (4, 4, [1, 1, 1, 1], 1),
        (4, 2, [0, 0, 1, 1], 2),
        (2, 8, [1, 1], 1),
    ],
)
def test_each_gpu_goes_to_one_who_looks_and_a_core_is_left_to_the_others(cores, gpus, look, crews):
    seats = plan_seats([Node("gpu", cores, gpus, PLENTY)])
    assert sorted(num_gpus for _, num_gpus in where(seats, Part.LOOK)) == look
    assert where(seats, Part.LISTEN) == where(seats, Part.DESCRIBE) == [("gpu", 0)] * crews
    assert cores_of(seats, "gpu") == pytest.approx(cores)
    assert len(set(seats)) == len(seats)


def test_a_node_with_a_gpu_takes_no_looker_from_the_others():
    seats = plan_seats([Node("gpu", 1, 1, PLENTY), Node("plain", 2, 0, PLENTY)])
    assert where(seats, Part.LOOK) == [("gpu", 1), ("plain", 0), ("plain", 0)]
    assert where(seats, Part.LISTEN) == [("gpu", 0), ("plain", 0), ("plain", 0)]


def test_a_gpu_without_a_core_to_decode_is_no_place():
    assert plan_seats([Node("gpu", 0, 1, PLENTY)]) == []


@pytest.mark.parametrize(("memory", "crews"), [(PLENTY, 8), (2 * CREW_BYTES, 2), (0, 1)])
def test_memory_limits_the_crews_of_a_node(memory, crews):
    seats = plan_seats([Node("a", 8, 0, int(memory))])
    assert len(where(seats, Part.LOOK)) == crews
