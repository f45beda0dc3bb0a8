from hypothesis import given
from hypothesis import strategies as st

from reasoner.general.budget import fitted, spread
from tests.reasoner.timeline import line


def part(start: int, *texts: str):
    return [line(start + n, 10.0 * start + n, 10.0 * start + n + 1, x) for n, x in enumerate(texts)]


def words(text: str) -> int:
    return len(text.split())


def test_every_part_keeps_its_foremost_line_before_any_keeps_two():
    first, second = part(0, "a b", "c d"), part(5, "e f", "g h")
    told = fitted([first, second], 6, words)
    assert told.lines == (first[0], first[1], second[0])
    assert told.num_left_out == 1


def test_the_foremost_line_is_kept_whatever_its_length():
    (long,) = part(0, "a b c d e")
    assert fitted([[long]], 2, words).lines == (long,)


def test_a_line_that_does_not_fit_makes_room_for_one_that_does():
    told = fitted([part(0, "a b"), part(5, "c d e"), part(9, "f")], 3, words)
    assert [each.text for each in told.lines] == ["a b", "f"]


def test_parts_are_left_out_evenly_and_not_from_the_end():
    parts = [part(n, "one") for n in range(9)]
    kept = [each.ordinal for each in fitted(parts, 5, words).lines]
    assert kept == [0, 2, 4, 6, 8]


def test_in_a_part_time_goes_before_rank():
    late, early = line(1, 9.0, 10.0, "late"), line(0, 1.0, 2.0, "early")
    assert fitted([[late, early]], 9, words).lines == (early, late)
    assert fitted([[late, early]], 1, words).lines == (late,)


@given(st.integers(0, 200))
def test_spread_names_every_place_once(count):
    assert sorted(spread(count)) == list(range(count))


@given(st.lists(st.lists(st.integers(1, 9), max_size=5), max_size=8), st.integers(1, 60))
def test_what_is_kept_fits_and_nothing_else_of_it_would(lengths, budget):
    parts = [part(10 * n, *("w " * length for length in row)) for n, row in enumerate(lengths)]
    told = fitted(parts, budget, words)
    used = sum(words(each.text) for each in told.lines)
    every = [each for row in parts for each in row]
    assert used <= budget or len(told.lines) == 1
    assert told.num_left_out == len(every) - len(told.lines)
    assert all(used + words(x.text) > budget for x in every if x not in told.lines)
    assert [x.span for x in told.lines] == sorted(x.span for x in told.lines)
