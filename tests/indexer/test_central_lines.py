import numpy as np
import pytest

from indexer.central_lines import centrality, choose


def test_the_line_that_two_others_share_words_with_is_central():
    # Steps: [[.5, .25, .25], [1/3, 2/3, 0], [1/3, 0, 2/3]]. With damping 0.15 the first line's rank
    # r solves r = .05 + .85 (r / 2 + (1 - r) / 3): r = .38835, and each of the others has .305825.
    similar = np.array([[1.0, 0.5, 0.5], [0.5, 1.0, 0.0], [0.5, 0.0, 1.0]])
    assert centrality(similar) == pytest.approx([1.0, 0.7875, 0.7875], abs=1e-6)


def test_lines_that_have_nothing_in_common_are_equally_central():
    assert centrality(np.eye(3)) == pytest.approx([1.0, 1.0, 1.0])
    opposite = np.array([[1.0, -1.0], [-1.0, 1.0]])
    assert centrality(opposite) == pytest.approx([1.0, 1.0])


def test_of_no_lines_none_is_central():
    assert centrality(np.zeros((0, 0))).shape == (0,)


def chosen(relevance, alike, k=3, groups=None):
    num = len(relevance)
    similarity = np.eye(num)
    for (one, other), how_much in alike.items():
        similarity[one, other] = similarity[other, one] = how_much
    return choose(np.array(relevance), similarity, k, groups or [0] * num)


def test_a_line_that_repeats_another_comes_after_a_weaker_one():
    # After the first, 0.7 * 0.9 - 0.3 * 0.95 = 0.345 is left of the second, 0.35 of the third.
    assert chosen([1.0, 0.9, 0.5], {(0, 1): 0.95}) == [0, 2, 1]
    assert chosen([1.0, 0.9, 0.5], {(0, 1): 0.95}, k=2) == [0, 2]


def test_a_repetition_that_is_worth_less_than_it_costs_is_left_out():
    assert chosen([1.0, 0.4, 0.1], {(0, 1): 0.95}) == [0, 2]  # 0.7 * 0.4 - 0.3 * 0.95 < 0


def test_of_equals_the_first_is_chosen():
    assert chosen([0.5, 1.0, 1.0 + 1e-13], {}) == [1, 2, 0]


def test_each_group_has_its_turn_before_one_has_another():
    assert chosen([1.0, 0.9, 0.2], {}, k=2, groups=[0, 0, 1]) == [0, 2]
    assert chosen([1.0, 0.9, 0.2], {}, k=3, groups=[0, 0, 1]) == [0, 2, 1]
    # What the second group has is not worth telling; the first goes on.
    assert chosen([1.0, 0.9, 0.2], {(0, 2): 0.9}, k=2, groups=[0, 0, 1]) == [0, 1]


def test_of_no_lines_none_is_chosen():
    assert chosen([], {}) == []
